"""SIPp makes 200 calls through the edge over one TLS connection. The packaged SIPp has no TLS: socat wraps its TCP."""

import csv
import pathlib

import network
import processes

HERE = pathlib.Path(__file__).parent
CALLS = 200
CALLS_PER_SECOND = 20


def final_statistics(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))[-1]


def test_two_hundred_calls_all_succeed(net, edge, registrar, certificates, directory):
    place = directory / "load"
    place.mkdir()
    port = net.free_port("outside")
    callee = processes.Process(
        net, "inside", "sipp-callee",
        ["sipp", "-sf", HERE / "load_callee.xml", "-i", network.INSIDE_LOAD, "-p", "5080", "-t", "t1", "-nostdin",
         "-m", str(CALLS), "-trace_stat", "-stf", place / "callee.csv", "-trace_err", "-error_file", place / "callee.err",
         "-timeout", "120s", "-timeout_error"], place)
    wrapper = processes.Process(
        net, "outside", "socat",
        ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
         f"OPENSSL:{network.EDGE_OUTSIDE}:{edge.outside_port},cafile={certificates.outside.certificate},"
         f"commonname=sip.edge.example,bind={network.OUTSIDE_LOAD}"], place)
    with callee, wrapper:
        processes.eventually(lambda: net.answers("inside", network.INSIDE_LOAD, 5080), "SIPp's callee listens")
        processes.eventually(lambda: listens(net, port), "socat listens")
        caller = processes.Process(
            net, "outside", "sipp-caller",
            ["sipp", f"127.0.0.1:{port}", "-sf", HERE / "load_caller.xml", "-i", "127.0.0.1", "-t", "t1", "-nostdin",
             "-m", str(CALLS), "-r", str(CALLS_PER_SECOND), "-l", "50", "-au", "grace", "-ap", "grace-secret",
             "-trace_stat", "-stf", place / "caller.csv", "-trace_err", "-error_file", place / "caller.err",
             "-timeout", "90s", "-timeout_error"], place)
        with caller:
            code = caller.wait(120)
            errors = place / "caller.err"
            told = errors.read_text(errors="replace")[-6000:] if errors.exists() else caller.tail()
            assert code == 0, f"SIPp ended with {code}:\n{told}"

    result = final_statistics(place / "caller.csv")
    assert int(result["SuccessfulCall(C)"]) == CALLS
    assert int(result["FailedCall(C)"]) == 0
    edge.wait_sessions_zero(20.0)


def listens(net, port):
    """Asked of the kernel: a probing connection would be one more TLS client of the edge."""
    with net.entered("outside"):
        table = pathlib.Path("/proc/thread-self/net/tcp").read_text()
    return f":{port:04X} 00000000:0000 0A" in table
