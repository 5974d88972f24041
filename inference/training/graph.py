"""The scorecard as an ONNX graph: raw values in; probabilities, log-odds and points out.

A feature is a row of cells; a cell is a range of values and its points. A category's value is its
place in the feature's list, so its cell runs from that place to the next. A missing value is NaN,
which lies in no range and so earns nothing.
"""

from collections.abc import Sequence

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper

Cell = tuple[float, float, float]
"""From, below, points."""

EMPTY: Cell = (0.0, 0.0, 0.0)
OPSET = 17
IR_VERSION = 8


def build_graph(intercept: float, features: Sequence[Sequence[Cell]]) -> ModelProto:
    """A model over `features` [case, feature], float32, with NaN where a value is missing.

    Its outputs are `probabilities` [case, 2] (good end, bad end), `log_odds` [case, 1] of a good
    end, and `points` [case, feature], which with `intercept` add up to the log-odds.
    """
    widest = max(len(cells) for cells in features)
    padded = [[*cells, *[EMPTY] * (widest - len(cells))] for cells in features]
    lower, upper, points = np.moveaxis(np.array(padded, dtype=np.float32), 2, 0)
    constants = {
        "lower": lower,
        "upper": upper,
        "cell_points": points,
        "intercept": np.array([intercept], dtype=np.float32),
        "nothing": np.zeros(1, dtype=np.float32),
        "last_axis": np.array([-1], dtype=np.int64),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Unsqueeze", ["features", "last_axis"], ["value"]),
            helper.make_node("GreaterOrEqual", ["value", "lower"], ["from_lower"]),
            helper.make_node("Less", ["value", "upper"], ["below_upper"]),
            helper.make_node("And", ["from_lower", "below_upper"], ["inside"]),
            helper.make_node("Where", ["inside", "cell_points", "nothing"], ["earned"]),
            helper.make_node("ReduceSum", ["earned", "last_axis"], ["points"], keepdims=0),
            helper.make_node("ReduceSum", ["points", "last_axis"], ["total"], keepdims=1),
            helper.make_node("Add", ["total", "intercept"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["good_end"]),
            helper.make_node("Neg", ["log_odds"], ["log_odds_against"]),
            helper.make_node("Sigmoid", ["log_odds_against"], ["bad_end"]),
            helper.make_node("Concat", ["good_end", "bad_end"], ["probabilities"], axis=1),
        ],
        "scorecard",
        [_floats("features", len(features))],
        [_floats("probabilities", 2), _floats("log_odds", 1), _floats("points", len(features))],
        [
            numpy_helper.from_array(np.ascontiguousarray(value), name)
            for name, value in constants.items()
        ],
    )
    model = helper.make_model(
        graph,
        producer_name="countersign",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    checker.check_model(model, full_check=True)
    return model


def _floats(name: str, width: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["cases", width])
