"""A house in which everything is done: so many finished tasks of the past years, written by SQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text

FIRST_DAY = datetime(2023, 4, 3, 5, tzinfo=UTC)
DAYS = 1092  # three years, so that a month holds a thirty-sixth of the work
EMPLOYEES, ACTIONS, LINES = 100, 10, 7


def write_finished_work(db: Connection, tasks: int) -> None:
    """So many finished tasks, two to a case, each held by one person from its opening to its end.

    A hundred people, ten actions, seven product lines, five insurers and three tiers: 1,050 kinds of work. Every
    eighth task is late, every third says why; every fourth has its minutes recorded.
    """
    facts = {"tasks": tasks, "cases": tasks // 2, "first": FIRST_DAY, "days": DAYS}
    numbers = {"employees": EMPLOYEES, "actions": ACTIONS, "lines": LINES, "kinds": ACTIONS * LINES * 15}
    for statement in _WORK.split(";"):
        db.execute(text(statement), facts | numbers)


_WORK = """
INSERT INTO organisations (id, code, name, kind) VALUES (1, 'house', 'House', 'house');
INSERT INTO teams (id, organisation_id, code, name)
    SELECT n, 1, 'team' || n, 'Team ' || n FROM generate_series(1, 5) n;
INSERT INTO employees (id, organisation_id, team_id, login, name, sort_key)
    SELECT n, 1, 1 + n % 5, 'e' || n, 'Employee ' || n, lpad(n::text, 4, '0') FROM generate_series(1, :employees) n;
INSERT INTO product_lines (code, labels) SELECT 'line' || n, '{}' FROM generate_series(0, :lines - 1) n;
INSERT INTO insurers (code, name) SELECT 'insurer' || n, 'Insurer ' || n FROM generate_series(0, 4) n;
INSERT INTO resolutions (id, content_hash, action, process, step, product_line, insurer, client_tier, effort_minutes,
        fields, explanation)
    SELECT n, 'kind' || n, 'action' || n % :actions, 'renewal', 'step' || n % :actions,
        'line' || n / :actions % :lines, 'insurer' || n / (:actions * :lines) % 5,
        'tier' || n / (:actions * :lines * 5), 20, '{"on_time": "90 %"}', '{}'
    FROM generate_series(0, :kinds - 1) n;
INSERT INTO cases (id, process_id, version_id, subject_type, subject_id, cycle_id, status, end_code, is_success,
        started_at, ended_at)
    OVERRIDING SYSTEM VALUE
    SELECT n, 1, 1, 'term', n, n, 'ended', CASE WHEN n % 10 < 7 THEN 'won' ELSE 'lost' END, n % 10 < 7,
        CAST(:first AS timestamptz), CAST(:first AS timestamptz) + (n % :days + 14) * interval '1 day'
    FROM generate_series(1, :cases) n;
INSERT INTO tasks (id, case_id, step, round, status, resolution_id, assignee_id, team_id, opened_at, due_at,
        finished_at, outcome, late_reason, spent_minutes)
    OVERRIDING SYSTEM VALUE
    SELECT n, 1 + (n - 1) % :cases, 'step' || kind % :actions, 1 + (n - 1) / :cases, 'done', kind, person,
        1 + person % 5, opened, opened + interval '50 hours', opened + took * interval '1 second', 'interested',
        CASE WHEN took > 180000 AND n % 3 = 0 THEN 'client_away' END, CASE WHEN n % 4 = 0 THEN 5 + n % 50 END
    FROM (
        SELECT n, CAST(abs(hashint8(n)::bigint) % :kinds AS int) AS kind,
            1 + abs(hashint8(n + 7)::bigint) % :employees AS person,
            CAST(:first AS timestamptz) + (n * :days / :tasks) * interval '1 day'
                + (abs(hashint8(n + 3)::bigint) % 32400) * interval '1 second' AS opened,
            60 + abs(hashint8(n + 1)::bigint) % 205000 AS took
        FROM generate_series(1, CAST(:tasks AS bigint)) n
    ) made;
INSERT INTO holds (task_id, employee_id, team_id, began_at, ended_at, working_seconds, waiting_seconds, ended_by)
    SELECT id, assignee_id, team_id, opened_at, finished_at,
        CAST(EXTRACT(EPOCH FROM finished_at - opened_at) / 4 AS int), (id % 5 = 0)::int * 1800, 'done' FROM tasks
"""
