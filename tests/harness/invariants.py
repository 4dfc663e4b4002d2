"""Nothing doubled, nothing lost: what must hold of the committed rows after any run, however it went.

Each check is SQL that returns the rows which break it. Read by a connection beside the application's.
"""

import re
from collections import Counter

import psycopg

from services.core.ids import to_base32
from services.events import rules

_STANDING = """WITH standing AS (
    SELECT r.*, v.stock_total, v.budget_fen, v.branches, v.per_member_daily, v.per_member_weekly, v.per_member_monthly,
        v.per_member_total, (r.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date AS day
    FROM redemptions r JOIN offer_versions v ON v.id = r.version_id WHERE r.voided_at IS NULL)"""
"""Redemptions that were not undone, with the terms that they were decided by."""

_CHECKS = {
    "stock taken is the number of redemptions that stand, by terms with a stock": """
        SELECT o.id, o.stock_taken, count(s.id) FROM offers o
        LEFT JOIN standing s ON s.offer_id = o.id AND s.stock_total IS NOT NULL
        GROUP BY o.id HAVING o.stock_taken <> count(s.id)""",
    "a budget spent is what its redemptions that stand took off": """
        SELECT o.id, o.budget_spent_fen, sum(s.saved_fen) FROM offers o
        LEFT JOIN standing s ON s.offer_id = o.id AND s.budget_fen IS NOT NULL
        GROUP BY o.id HAVING o.budget_spent_fen <> coalesce(sum(s.saved_fen), 0)""",
    "a branch's stock taken is the number of its redemptions that stand": """
        SELECT b.offer_id, b.branch_id, b.taken, count(s.id) FROM branch_stocks b
        LEFT JOIN standing s ON s.offer_id = b.offer_id AND s.branch_id = b.branch_id
            AND s.branches @> jsonb_build_array(jsonb_build_array(b.branch_id::text))
            AND NOT s.branches @> jsonb_build_array(jsonb_build_array(b.branch_id::text, NULL))
        GROUP BY b.offer_id, b.branch_id, b.taken HAVING b.taken <> count(s.id)""",
    "no limit is exceeded": """
        WITH now AS (SELECT s.*, v.per_member_daily AS d, v.per_member_weekly AS w, v.per_member_monthly AS m,
            v.per_member_total AS t FROM standing s JOIN offers o ON o.id = s.offer_id
            JOIN offer_versions v ON v.id = o.version_id AND v.id = s.version_id)
        SELECT offer_id, 'stock', count(*) FROM standing WHERE stock_total IS NOT NULL
        GROUP BY offer_id HAVING count(*) > max(stock_total)
        UNION ALL
        SELECT offer_id, 'total', count(*) FROM now GROUP BY offer_id, member_id HAVING count(*) > max(t)
        UNION ALL
        SELECT offer_id, 'monthly', count(*) FROM now GROUP BY offer_id, member_id, date_trunc('month', day)
        HAVING count(*) > max(m)
        UNION ALL
        SELECT offer_id, 'weekly', count(*) FROM now GROUP BY offer_id, member_id, date_trunc('week', day)
        HAVING count(*) > max(w)
        UNION ALL
        SELECT offer_id, 'daily', count(*) FROM now GROUP BY offer_id, member_id, day HAVING count(*) > max(d)""",
    "an undoing has its record and a trace, once": """
        SELECT r.id, v.redemption_id, count(a.id) FROM redemptions r
        FULL JOIN voids v ON v.redemption_id = r.id AND v.voided_at = r.voided_at
        LEFT JOIN audit_entries a ON a.subject_id = r.id AND a.action = 'redemption.voided'
        GROUP BY r.id, v.redemption_id HAVING (max(r.voided_at) IS NULL) <> (v.redemption_id IS NULL)
            OR r.id IS NULL OR count(a.id) <> (v.redemption_id IS NOT NULL)::int""",
    "an allowance is the number of redemptions of its window": """
        WITH counted AS (
            SELECT r.member_id, r.offer_id, w.window, count(*) AS used
            FROM standing r, LATERAL (
                SELECT 'all' AS "window" WHERE r.per_member_total IS NOT NULL
                UNION ALL SELECT to_char(r.day, 'YYYY-MM-DD') WHERE r.per_member_daily IS NOT NULL
                UNION ALL SELECT to_char(r.day, 'IYYY-"W"IW') WHERE r.per_member_weekly IS NOT NULL
                UNION ALL SELECT to_char(r.day, 'YYYY-MM') WHERE r.per_member_monthly IS NOT NULL
            ) w GROUP BY 1, 2, 3)
        SELECT a.*, c.* FROM allowances a FULL JOIN counted c USING (member_id, offer_id, "window")
        WHERE coalesce(a.used, 0) <> coalesce(c.used, 0)""",
    "a scan leads to one redemption at most, of its own card and clerk, in its time": """
        SELECT s.id, count(r.id) FROM scans s JOIN redemptions r ON r.scan_id = s.id JOIN cards c ON c.id = s.card_id
        GROUP BY s.id HAVING count(r.id) > 1 OR NOT bool_and(
            r.member_id = c.member_id AND r.clerk_id = s.clerk_id AND r.branch_id = s.branch_id
            AND r.merchant_id = s.merchant_id AND r.redeemed_at BETWEEN s.scanned_at AND s.expires_at)""",
    "a code leads to one scan at most, and every scan burnt its code": """
        SELECT s.card_id, s.ref FROM scans s LEFT JOIN card_burns b USING (card_id, ref)
        GROUP BY s.card_id, s.ref HAVING count(*) > 1 OR count(b.ref) <> 1""",
    "a redemption is in the audit trail once, and nothing else is": """
        SELECT r.id, a.subject_id, count(*) FROM redemptions r FULL JOIN
        (SELECT * FROM audit_entries WHERE action = 'redemption.recorded') a ON a.subject_id = r.id
        GROUP BY r.id, a.subject_id HAVING count(*) > 1 OR r.id IS NULL OR a.subject_id IS NULL""",
    "a dispute is in the audit trail once, and nothing else is": """
        SELECT r.id, a.subject_id, count(*) FROM (SELECT * FROM redemptions WHERE disputed_at IS NOT NULL) r FULL JOIN
        (SELECT * FROM audit_entries WHERE action = 'redemption.disputed') a ON a.subject_id = r.id
        GROUP BY r.id, a.subject_id HAVING count(*) > 1 OR r.id IS NULL OR a.subject_id IS NULL""",
    "a dispute that was settled has its answer and a trace, once": """
        SELECT r.id, s.redemption_id, count(a.id) FROM redemptions r
        FULL JOIN settlements s ON s.redemption_id = r.id AND s.settled_at = r.settled_at
        LEFT JOIN audit_entries a ON a.subject_id = r.id AND a.action = 'redemption.settled'
        GROUP BY r.id, s.redemption_id HAVING (max(r.settled_at) IS NULL) <> (s.redemption_id IS NULL)
            OR r.id IS NULL OR count(a.id) <> (s.redemption_id IS NOT NULL)::int
            OR (max(r.settled_at) IS NOT NULL AND max(r.disputed_at) IS NULL)""",
    "an answer to a key is of a redemption that is there, and of one key only": """
        SELECT k.answer ->> 'id', count(*) FROM idempotency_keys k
        LEFT JOIN redemptions r ON r.id::text = k.answer ->> 'id'
        WHERE k.scope LIKE '%/redemptions' AND k.status = 201 GROUP BY 1 HAVING count(*) > 1 OR count(r.id) <> 1""",
    "a no under a key has its attempt": """
        SELECT * FROM (SELECT count(*) AS answers FROM idempotency_keys
            WHERE scope LIKE '%/redemptions' AND status = 409) k,
        (SELECT count(*) AS kept FROM attempts WHERE stage = 'redeem') a WHERE k.answers > a.kept""",
    "a member has one card that lives": """
        SELECT member_id, count(*) FROM cards WHERE status <> 'replaced' GROUP BY member_id HAVING count(*) > 1""",
    "a delivery has its inbox message": """
        SELECT d.id FROM deliveries d LEFT JOIN inbox_messages i ON i.id = d.inbox_id WHERE i.id IS NULL""",
    "a consent is held by the deliveries that are under way, and by nothing else": """
        SELECT c.id, c.reserved, count(d.id) FROM credits c LEFT JOIN deliveries d
            ON d.credit_id = c.id AND d.status IN ('created', 'sending')
        WHERE NOT c.standing GROUP BY c.id, c.reserved HAVING c.reserved <> count(d.id)""",
    "no message went out by two WeChat channels to one person": """
        SELECT inbox_id, account_id FROM deliveries WHERE channel <> 'sms' AND status IN ('sent', 'delivered', 'read')
        GROUP BY 1, 2 HAVING count(*) > 1""",
    "places taken of a quota are those of the entries that hold some": """
        SELECT q.event_id, q.ordinal, q.taken, held.places FROM event_quotas q, LATERAL (
            SELECT coalesce(sum((s.counts ->> q.ordinal::text)::int), 0) AS places FROM signups s
            WHERE s.event_id = q.event_id AND s.state IN ('forming', 'offered', 'confirmed')) held
        WHERE q.taken <> held.places""",
    "nobody is in more often than once": """
        SELECT once_id, member_id, count(*) FROM signup_people p JOIN signups s ON s.id = p.signup_id
        WHERE member_id IS NOT NULL AND presence <> 'declined'
            AND state IN ('forming', 'applied', 'entered', 'waiting', 'offered', 'confirmed')
        GROUP BY 1, 2 HAVING count(*) > 1 OR NOT bool_and(p.active)""",
    "whoever is in no entry that lives may sign up": """
        SELECT p.signup_id, s.state FROM signup_people p JOIN signups s ON s.id = p.signup_id
        WHERE p.active AND s.state NOT IN ('forming', 'applied', 'entered', 'waiting', 'offered', 'confirmed')""",
    "nobody is told the same thing twice": """
        SELECT message_id, recipient_kind, recipient_id, template FROM inbox_messages
        GROUP BY 1, 2, 3, 4 HAVING count(*) > 1""",
}
CHECKS = {
    name: query if "standing" not in query else _STANDING + re.sub(r"^\s*WITH", ",", query)
    for name, query in _CHECKS.items()
}
DRAINED = {
    "no job is left": "SELECT id, task_name, status, attempts FROM procrastinate_jobs WHERE queue_name = 'messages'",
    "no delivery is left under way": "SELECT id, status FROM deliveries WHERE status IN ('created', 'sending')",
    "whoever has a place at an event was told": """
        SELECT p.signup_id, p.member_id FROM signup_people p JOIN signups s ON s.id = p.signup_id
        WHERE s.state = 'confirmed' AND p.presence = 'in' AND p.member_id IS NOT NULL
            AND p.checked_in_how IS DISTINCT FROM 'walk_in' AND NOT EXISTS (
                SELECT FROM inbox_messages i WHERE i.recipient_id = p.member_id AND i.facts ->> 'signup' = s.id::text
                    AND i.template IN ('event.confirmed', 'event.approved', 'event.won', 'event.by_unit'))""",
}
BY_KEY = {
    "every redemption answers one key": """
        SELECT r.id, count(k.key) FROM redemptions r LEFT JOIN idempotency_keys k ON k.answer ->> 'id' = r.id::text
        GROUP BY r.id HAVING count(k.key) <> 1""",
}


def nothing_doubled_or_lost(sql: psycopg.Connection, *, drained: bool = False, by_key: bool = False) -> None:
    """Asserts every check. `drained`: the queue has been worked off; `by_key`: all redemptions came by HTTP."""
    checks = CHECKS | (DRAINED if drained else {}) | (BY_KEY if by_key else {})
    broken = {name: rows for name, query in checks.items() if (rows := sql.execute(query).fetchall()[:5])}
    assert not broken, broken
    assert waits_beside_room(sql) == [], "at rest nobody waits for whom there is room"
    untold = badly_told(sql, drained=drained)
    assert not untold, f"both sides are told of each redemption once: {untold[:5]}"


def waits_beside_room(sql: psycopg.Connection) -> list[tuple[object, list[object]]]:
    """Events, with the entries that wait there though their turn has come: first come, all places out, not too late."""
    found = []
    for (event_id,) in sql.execute(
        "SELECT id FROM events e WHERE published_at IS NOT NULL AND cancelled_at IS NULL AND waves = '[]'"
        " AND now() < starts_at - make_interval(mins => offers_end_minutes)"
        " AND EXISTS (SELECT FROM signups s WHERE s.event_id = e.id AND s.state = 'waiting')"
    ).fetchall():
        quotas = sql.execute("SELECT ordinal, capacity - taken FROM event_quotas WHERE event_id = %s", [event_id])
        room: dict[int, int | None] = dict(quotas)
        line = [
            (id_, {int(ordinal): places for ordinal, places in counts.items()})
            for id_, counts in sql.execute(
                "SELECT id, counts FROM signups WHERE event_id = %s AND state = 'waiting' ORDER BY position", [event_id]
            )
        ]
        if turn := rules.next_in_line(room, line):
            found.append((event_id, turn))
    return found


def badly_told(sql: psycopg.Connection, *, drained: bool) -> list[str]:
    """Redemptions of which member and branch have not been told exactly once each.

    While the queue is being worked one that nobody was told of yet must have its job.
    """
    told: Counter[tuple[str, str, str]] = Counter(
        (number, template, str(recipient))
        for number, template, recipient in sql.execute(
            "SELECT facts ->> 'number', template, recipient_id FROM inbox_messages WHERE template LIKE 'redemption.%'"
        )
    )
    jobs = Counter(
        redemption_id
        for (redemption_id,) in sql.execute(
            "SELECT args #>> '{payload,redemption_id}' FROM procrastinate_jobs WHERE task_name = 'redemptions.recorded'"
        )
    )
    bad = []
    for redemption_id, member_id, branch_id in sql.execute("SELECT id, member_id, branch_id FROM redemptions"):
        text = to_base32(redemption_id.int & ((1 << 40) - 1), 8)
        number = f"{text[:4]}-{text[4:]}"
        times = (
            told.pop((number, "redemption.member", str(member_id)), 0),
            told.pop((number, "redemption.branch", str(branch_id)), 0),
        )
        waits = not drained and times == (0, 0) and jobs[str(redemption_id)] == 1
        if times != (1, 1) and not waits:
            bad.append(f"{redemption_id}: told {times}, {jobs[str(redemption_id)]} jobs")
    return bad + [f"told of no redemption: {what}" for what in told]
