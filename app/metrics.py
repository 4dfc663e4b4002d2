"""GET /metrics: the gateway in figures, read from the database when asked. No figure names anybody."""

import hmac
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.channels import channels
from app.settings import Settings
from services.core import clock
from services.notifications import backlog, figures, reached
from services.notifications.backlog import Backlog, Line
from services.notifications.figures import Counted
from services.notifications.reached import CreditLevel
from services.notifications.types import Channel

blueprint = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """For a scraper that brings METRICS_TOKEN. 404 where none is set, and for whoever does not bring it."""
    settings: Settings = current_app.config["SETTINGS"]
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = settings.metrics_token or ""
    same = hmac.compare_digest(given.strip().encode(), expected.encode())
    if not expected or scheme.lower() != "bearer" or not same:
        return Response("404\n", 404, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gateway())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE)


class Gateway(Collector):
    """Twelve statements at most. Counters cover the hours that are kept: one that falls has begun anew."""

    def collect(self) -> Iterator[Metric]:
        now, providers = clock.now(), channels().providers
        found = backlog.backlog(now=now)
        yield from _queues(found)
        yield from _channels(found, list(providers))
        yield from _sends(figures.counted())
        yield from _credits(reached.credit_levels(providers=providers))


def _queues(found: Backlog) -> Iterator[Metric]:
    now = clock.now()
    queues = (
        ("outbox", "messages of the outbox that nobody was told of yet", found.outbox),
        ("ladder", "inbox messages whose next step is due", found.ladder),
        ("callbacks", "what outsiders told us and nobody worked on", found.callbacks),
    )
    for name, what, line in queues:
        yield GaugeMetricFamily(f"gonghui_{name}_waiting", f"How many wait: {what}", value=line.count)
        yield GaugeMetricFamily(
            f"gonghui_{name}_oldest_seconds", f"Age of the oldest: {what}", value=line.age(now).total_seconds()
        )
    yield GaugeMetricFamily("gonghui_jobs_failed", "Messages given up: nobody was told", value=found.untold)


def _channels(found: Backlog, here: list[Channel]) -> Iterator[Metric]:
    now = clock.now()
    waiting = GaugeMetricFamily("gonghui_deliveries_waiting", "Deliveries that could go out now", labels=["channel"])
    oldest = GaugeMetricFamily(
        "gonghui_deliveries_oldest_seconds", "How long the oldest of them could have gone", labels=["channel"]
    )
    for channel in here:
        line = found.channels.get(channel, Line())
        waiting.add_metric([channel.value], line.count)
        oldest.add_metric([channel.value], line.age(now).total_seconds())
    paused = GaugeMetricFamily("gonghui_paused", "Pauses in force", labels=["channel", "of", "reason", "ends"])
    counts: dict[tuple[str, str, str, str], int] = {}
    for one in found.pauses:
        key = (one.channel, "template" if one.subject else "channel", one.reason, "yes" if one.until else "no")
        counts[key] = counts.get(key, 0) + 1
    for labels, number in sorted(counts.items()):
        paused.add_metric(list(labels), number)
    yield from (waiting, oldest, paused)


def _sends(counted: Iterable[Counted]) -> Iterator[Metric]:
    """A histogram of each channel; what a channel was asked is counted by outcome and reason."""
    sends = CounterMetricFamily("gonghui_sends", "Sends by outcome", labels=["channel", "outcome", "reason"])
    took = HistogramMetricFamily("gonghui_send_seconds", "How long a channel took", labels=["channel"])
    by_channel: dict[Channel, list[Counted]] = {}
    for one in counted:
        sends.add_metric([one.channel.value, one.outcome, one.reason], one.count)
        by_channel.setdefault(one.channel, []).append(one)
    for channel, rows in by_channel.items():
        buckets: list[tuple[str, float]] = [
            (str(bound / 1000), sum(row.under[place] for row in rows)) for place, bound in enumerate(figures.BUCKETS)
        ]
        buckets.append(("+Inf", sum(row.count for row in rows)))
        took.add_metric([channel.value], buckets, sum(row.took_ms for row in rows) / 1000)
    yield from (sends, took)


def _credits(levels: Iterable[CreditLevel]) -> Iterator[Metric]:
    left = GaugeMetricFamily("gonghui_consents_left", "Subscribe messages that may still be sent", labels=["app"])
    without = GaugeMetricFamily("gonghui_people_without_consent", "People of the app with none left", labels=["app"])
    for level in levels:
        left.add_metric([level.provider], level.left)
        without.add_metric([level.provider], level.without)
    yield from (left, without)
