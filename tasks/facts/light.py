"""Tables by name alone, for lists that must be on the screen at once: the whole book of tables takes longer to load.

A test compares them with the tables of `models`.
"""

from __future__ import annotations

from sqlalchemy import TableClause, column, table

ON_DESK = ("open", "active", "waiting")
LIVE = ("planned", *ON_DESK)


def _table(name: str, columns: str) -> TableClause:
    return table(name, *(column(each) for each in columns.split()))


tasks = _table(
    "tasks",
    "id case_id step member title subject_type subject_id client_id status assignee_id team_id opens_at due_at "
    "limit_at is_tight waiting_for bumped_from_id",
)
cases = _table("cases", "id version_id subject_type subject_id")
task_items = _table("task_items", "id task_id case_id step member")
answers = _table("answers", "id case_id name value withdrawn_at")
employees = _table("employees", "id login email name zone language team_id is_manager")
teams = _table("teams", "id code")
parties = _table("parties", "id name")
process_versions = _table("process_versions", "id titles")
EVERY = (tasks, cases, task_items, answers, employees, teams, parties, process_versions)
"""Those that have a counterpart in `models`."""
