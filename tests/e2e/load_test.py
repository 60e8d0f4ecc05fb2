"""SIPp makes 200 calls through the edge over one TLS connection. The packaged SIPp has no TLS: socat wraps its TCP."""

import csv
import pathlib

import network
from peers.host import At
from peers.processes import Process, eventually

HERE = pathlib.Path(__file__).parent
CALLS = 200
CALLS_PER_SECOND = 20


def final_statistics(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))[-1]


def test_two_hundred_calls_all_succeed(net, edge, registrar, certificates, directory):
    folder = directory / "load"
    folder.mkdir()
    wrapped = net["outside"].free()
    callee = Process(
        "sipp-callee",
        ["sipp", "-sf", HERE / "load_callee.xml", "-i", network.INSIDE_LOAD, "-p", "5080", "-t", "t1", "-nostdin",
         "-m", str(CALLS), "-trace_stat", "-stf", folder / "callee.csv", "-trace_err", "-error_file", folder / "callee.err",
         "-timeout", "120s", "-timeout_error"], folder, host=net["inside"])
    wrapper = Process(
        "socat",
        ["socat", f"TCP-LISTEN:{wrapped.port},bind={wrapped.address},reuseaddr,fork",
         f"OPENSSL:{edge.configuration.outside_at},cafile={certificates.outside.certificate},"
         f"commonname=sip.edge.example,bind={network.OUTSIDE_LOAD}"], folder, host=net["outside"])
    with callee, wrapper:
        eventually(lambda: net["inside"].answers(At(network.INSIDE_LOAD, 5080)), "SIPp's callee listens")
        eventually(lambda: listens(net["outside"], wrapped.port), "socat listens")
        caller = Process(
            "sipp-caller",
            ["sipp", str(wrapped), "-sf", HERE / "load_caller.xml", "-i", "127.0.0.1", "-t", "t1", "-nostdin",
             "-m", str(CALLS), "-r", str(CALLS_PER_SECOND), "-l", "50", "-au", "grace", "-ap", "grace-secret",
             "-trace_stat", "-stf", folder / "caller.csv", "-trace_err", "-error_file", folder / "caller.err",
             "-timeout", "90s", "-timeout_error"], folder, host=net["outside"])
        with caller:
            code = caller.wait(120)
            errors = folder / "caller.err"
            told = errors.read_text(errors="replace")[-6000:] if errors.exists() else caller.tail()
            assert code == 0, f"SIPp ended with {code}:\n{told}"

    result = final_statistics(folder / "caller.csv")
    assert int(result["SuccessfulCall(C)"]) == CALLS
    assert int(result["FailedCall(C)"]) == 0
    edge.wait_sessions_zero(20.0)


def listens(host, port):
    """Asked of the kernel: a probing connection would be one more TLS client of the edge."""
    with host.entered():
        table = pathlib.Path("/proc/thread-self/net/tcp").read_text()
    return f":{port:04X} 00000000:0000 0A" in table
