"""The log and the metrics that operators build on."""

import io
import json

from proxy.domain.happening import Happening
from proxy.telemetry import LogAndMetrics


def test_every_happening_is_named_once_by_subject_and_verb() -> None:
    names = [happening.value for happening in Happening.__members__.values()]
    assert len(names) == len(set(names)) == len(Happening.__members__)
    for member, happening in Happening.__members__.items():
        assert member == happening.name, f"{member} is only another name of {happening.name}"
        subject, _, verb = happening.value.partition(".")
        assert subject.isidentifier()
        assert verb.isidentifier()
        assert happening.value == happening.value.lower()


def test_every_happening_is_one_json_line_and_one_count() -> None:
    stream = io.StringIO()
    telemetry = LogAndMetrics(stream=stream)
    for happening in Happening:
        telemetry.tell(happening, redemption="rdm_1")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == list(Happening)
    assert {line["redemption"] for line in lines} == {"rdm_1"}
    assert {line["level"] for line in lines} == {"info", "warning"}
    metrics = telemetry.expose().decode()
    for happening in Happening:
        assert f'proxy_happenings_total{{happening="{happening.value}"}} 1.0' in metrics


def test_a_line_stays_one_line_whatever_is_in_it() -> None:
    stream = io.StringIO()
    LogAndMetrics(stream=stream).tell(
        Happening.EVENT_IGNORED, topic='a\nb\r\u2028"}{"event":"redemption.held"', x=b"\xff"
    )
    (line,) = [text for text in stream.getvalue().split("\n") if text]
    assert json.loads(line)["event"] == "event.ignored"


def test_a_fault_is_logged_with_its_trace_in_one_line() -> None:
    stream = io.StringIO()
    telemetry = LogAndMetrics(stream=stream)
    try:
        raise ZeroDivisionError("a fault")
    except ZeroDivisionError as error:
        telemetry.fault(Happening.REQUEST_FAILED, error, route="/v1/rewards")
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["route"]) == ("request.failed", "error", "/v1/rewards")
    assert "ZeroDivisionError: a fault" in said["exception"]


def test_what_is_below_the_level_is_counted_but_not_logged() -> None:
    stream = io.StringIO()
    telemetry = LogAndMetrics(level="warning", stream=stream)
    telemetry.tell(Happening.REDEMPTION_HELD)
    telemetry.tell(Happening.REDEMPTION_REVIEW)
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["redemption.review"]
    assert 'proxy_happenings_total{happening="redemption.held"} 1.0' in telemetry.expose().decode()


def test_every_metric_says_what_it_is_and_two_processes_share_none() -> None:
    first, second = LogAndMetrics(stream=io.StringIO()), LogAndMetrics(stream=io.StringIO())
    first.request("/v1/rewards", "GET", 200, 0.01)
    first.upstream("omneo", "balance", "answered", 0.02)
    first.tasks({"waiting": 3, "late": 1, "parked": 0})
    text = first.expose().decode()
    for name in ("proxy_happenings", "proxy_request_seconds", "proxy_upstream_seconds", "proxy_tasks"):
        assert f"# HELP {name}" in text
    assert 'proxy_tasks{state="waiting"} 3.0' in text
    assert 'proxy_request_seconds_count{method="GET",route="/v1/rewards",status="200"} 1.0' in text
    assert "/v1/rewards" not in second.expose().decode()
