"""How fast the outbox empties to a mail server, against bare aiosmtplib over the same kept connections.

Bare: one ready-made message, step by step, nothing remembered. Ours: letters to clients, each claimed, filled with
facts of its own, stored, marked before its final dot in a commit that is durable, and its answer written down. The
server is a process on this machine that takes everything. Both take short turns, because a shared machine is fast in
one second and slow in the next: what counts is the median of the ratios of neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import time
from datetime import timedelta
from statistics import median

import aiosmtplib
from scenery.house import AT, outside_transaction, publish_library, throwaway_house, write_book
from scenery.sink import sink_process
from sqlalchemy import text

from core.settings import settings
from models.database import begin
from notifications.outbox.states import Outcome
from notifications.sending.draining import DrainReport, drain

PAIRS = 5


def write_letters(count: int) -> None:
    """So many letters about terms, each to a client with an address, of cases that run."""
    with begin() as db:
        write_book(db, count)
        publish_library(db)
        for statement in _LETTERS.split(";"):
            db.execute(text(statement), {"count": count, "at": AT})
    outside_transaction("VACUUM ANALYZE")


_LETTERS = """
INSERT INTO contact_points (party_id, channel, value)
    SELECT n, 'email', 'client' || n || '@domain' || n % 50 || '.example' FROM generate_series(1, :count) n;
INSERT INTO cases (id, process_id, version_id, subject_type, subject_id, cycle_id, client_id, started_at)
    SELECT n, 1, 1, 'term', n, n, n, CAST(:at AS timestamptz) FROM generate_series(1, :count) n;
INSERT INTO letter_versions (id, name, language, version, content_hash, letter_class, subject, body_text, body_html,
        published_at)
    VALUES (1, 'offer', 'en', 1, 'bench', 'service', 'Your policy {{ policy.number }} ends soon',
    'Dear {{ policyholder.name }},

your policy {{ policy.number }} ends on {{ term.expires_on | date }}. Your account manager will send you an offer.
Nothing has to be done by you until then.
',
    '<p>Dear {{ policyholder.name }},</p>
<p>your policy <b>{{ policy.number }}</b> ends on {{ term.expires_on | date }}. Your account manager will send you an
offer. Nothing has to be done by you until then.</p>
', :at);
INSERT INTO messages (key, message_class, template, language, letter_version_id, party_id, subject_type, subject_id,
        case_id, facts, created_at, not_before)
    SELECT 'bench:' || n, 'service', 'offer', 'en', 1, n, 'term', n, n, '{}', :at, :at
    FROM generate_series(1, :count) n
"""


async def bare(port: int, count: int, connections: int, message: bytes) -> float:
    """Messages a second of bare aiosmtplib, step by step, the connections being there."""
    left = iter(range(count))
    clients = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) for _ in range(connections)]

    async def carry(client: aiosmtplib.SMTP) -> None:
        for _ in left:
            await client.mail("house@example.lt")
            await client.rcpt("client@example.lt")
            await client.data(message)

    for client in clients:
        await client.connect()
    begun = time.perf_counter()
    await asyncio.gather(*map(carry, clients))
    took = time.perf_counter() - begun
    for client in clients:
        await client.quit()
    return count / took


def ours(count: int, *, profile: bool) -> float:
    """Messages a second of `taktas send`. Raises: AssertionError when not every message was sent."""
    profiler = cProfile.Profile() if profile else None
    begun = time.perf_counter()
    report = profiler.runcall(drain, AT + timedelta(hours=1)) if profiler else drain(AT + timedelta(hours=1))
    took = time.perf_counter() - begun
    assert report.counts[Outcome.SENT] == count, _told(report)
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
    return count / took


def _told(report: DrainReport) -> str:
    return f"{report.counts}, {report.problem}, {report.refusals[:3]}"


def put_back() -> None:
    """All of them wait again, as if they had never been written."""
    again = "state = 'pending', attempts = 0, rendered = NULL, message_id = NULL, address = NULL, sent_at = NULL"
    with begin() as db:
        db.execute(text(f"UPDATE messages SET {again}"))
        db.execute(text("DELETE FROM message_attempts"))
        db.execute(text("DELETE FROM happenings"))
    outside_transaction("VACUUM ANALYZE messages")


def measure(count: int, connections: int, *, profile: bool) -> None:
    """Print the rates of both, taken in turns, the ratio of each pair, and the median of these."""
    with sink_process() as port:
        os.environ |= {
            "TAKTAS_SMTP_HOST": "127.0.0.1",
            "TAKTAS_SMTP_PORT": str(port),
            "TAKTAS_SMTP_SECURITY": "none",
            "TAKTAS_SMTP_CONNECTIONS": str(connections),
            "TAKTAS_SMTP_MESSAGES": "100000",
        }
        settings.cache_clear()
        write_letters(count)
        message = _one_message(count)
        pairs = [_pair(port, count, connections, message, profile=profile) for _ in range(PAIRS)]
    plain, full = (max(each) for each in zip(*pairs, strict=True))
    ratios = [ours_rate / bare_rate for bare_rate, ours_rate in pairs]
    print(f"{count:,} messages of {len(message):,} bytes over {connections} connections, {PAIRS} pairs in turns")
    print(f"bare aiosmtplib, step by step: {plain:8,.0f} a second ({', '.join(f'{it:,.0f}' for it, _ in pairs)})")
    print(f"taktas, remembered and durable:{full:8,.0f} a second ({', '.join(f'{it:,.0f}' for _, it in pairs)})")
    print(f"ratios of the pairs: {', '.join(f'{it:.2f}' for it in ratios)}; of the best rates: {full / plain:.2f}")
    print(f"median of the ratios: {median(ratios):.2f} (asked for: at least 0.30)")


def _one_message(count: int) -> bytes:
    """A message as taktas writes it: what the bare sender sends again and again."""
    ours(count, profile=False)
    with begin() as db:
        message = bytes(db.execute(text("SELECT rendered FROM messages LIMIT 1")).scalar_one())
    put_back()
    return message


def _pair(port: int, count: int, connections: int, message: bytes, *, profile: bool) -> tuple[float, float]:
    """The rates of bare and ours, one right after the other; bare before and after, for it is quick."""
    before = asyncio.run(bare(port, count, connections, message))
    full = ours(count, profile=profile)
    after = asyncio.run(bare(port, count, connections, message))
    put_back()
    return 2 / (1 / before + 1 / after), full


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--messages", type=int, default=10_000)
    asked.add_argument(
        "--connections", type=int, default=50, help="50, the most the settings allow; the product's own default is 10"
    )
    asked.add_argument("--profile", action="store_true", help="say where the time went (the main thread's)")
    options = asked.parse_args()
    with throwaway_house():
        measure(options.messages, options.connections, profile=options.profile)


if __name__ == "__main__":
    main()
