"""Outline of an ONNX file, and options of ONNX Runtime sessions."""

import contextlib

import onnxruntime

from bundle import BundleError, configure_session
from bundle.onnx_graph import read_graph
from tests.tiny_bundle import tiny_graph


def test_the_outline_has_inputs_outputs_and_domains() -> None:
    graph = read_graph(tiny_graph().SerializeToString())

    assert (graph.inputs, graph.outputs) == (["numbers", "strings"], ["probabilities"])
    assert (graph.domains, graph.external) == ({""}, False)


def test_a_truncated_graph_is_refused_unless_only_its_version_is_cut_off() -> None:
    model = tiny_graph().SerializeToString()
    whole = read_graph(model)

    for size in range(len(model)):
        with contextlib.suppress(BundleError):
            assert read_graph(model[:size]) == whole


def test_a_session_has_one_thread_and_logs_errors() -> None:
    options = configure_session(onnxruntime.SessionOptions())

    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.log_severity_level == 3
