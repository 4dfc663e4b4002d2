"""Nothing doubled, nothing lost: what must hold of the committed rows after any run, however it went.

Each check is SQL that returns the rows which break it. Read by a connection beside the application's.
"""

from collections import Counter

import psycopg

from services.core.ids import to_base32

CHECKS = {
    "stock taken is the number of redemptions": """
        SELECT o.id, o.stock_taken, count(r.id) FROM offers o LEFT JOIN redemptions r ON r.offer_id = o.id
        WHERE o.stock_total IS NOT NULL GROUP BY o.id HAVING o.stock_taken <> count(r.id)""",
    "no limit is exceeded": """
        SELECT o.id, 'stock', count(*) FROM offers o JOIN redemptions r ON r.offer_id = o.id
        GROUP BY o.id HAVING count(*) > o.stock_total
        UNION ALL
        SELECT o.id, 'total', count(*) FROM offers o JOIN redemptions r ON r.offer_id = o.id
        GROUP BY o.id, r.member_id HAVING count(*) > o.per_member_total
        UNION ALL
        SELECT o.id, 'daily', count(*) FROM offers o JOIN redemptions r ON r.offer_id = o.id
        GROUP BY o.id, r.member_id, (r.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date
        HAVING count(*) > o.per_member_daily""",
    "an allowance is the number of redemptions of its window": """
        WITH counted AS (
            SELECT r.member_id, r.offer_id, w.window, count(*) AS used
            FROM redemptions r JOIN offers o ON o.id = r.offer_id, LATERAL (
                SELECT 'all' AS "window" WHERE o.per_member_total IS NOT NULL
                UNION ALL
                SELECT (r.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date::text WHERE o.per_member_daily IS NOT NULL
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
    "an inbox message has one delivery, and a delivery its message": """
        SELECT i.id, d.inbox_id, count(*) FROM inbox_messages i FULL JOIN deliveries d ON d.inbox_id = i.id
        GROUP BY i.id, d.inbox_id HAVING count(*) > 1 OR i.id IS NULL OR d.inbox_id IS NULL""",
    "nobody is told the same thing twice": """
        SELECT message_id, recipient_kind, recipient_id, template FROM inbox_messages
        GROUP BY 1, 2, 3, 4 HAVING count(*) > 1""",
}
DRAINED = {
    "no job is left": "SELECT id, task_name, status, attempts FROM procrastinate_jobs WHERE queue_name = 'messages'",
    "no delivery is left under way": "SELECT id, status FROM deliveries WHERE status IN ('created', 'sending')",
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
    untold = badly_told(sql, drained=drained)
    assert not untold, f"both sides are told of each redemption once: {untold[:5]}"


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
