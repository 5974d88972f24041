"""Running a neural network on one core of the processor."""

import sys
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

# OpenVINO reports every import of itself to its maker where this package can be imported. Papers
# are read here, so nothing phones out: without the package OpenVINO reports nothing.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # Python's way to bar an import

import openvino  # noqa: E402  # after the bar above

Floats = NDArray[np.float32]

ONE_CORE = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    # Pinned, the workers of one machine would all sit on its first core: half the speed with two.
    "ENABLE_CPU_PINNING": False,
}


class Network:
    """A network with one input and one output, ready to run; for one thread at a time.

    `precision` is the one that the processor is quickest with (`bf16` where it has that, a third less
    time and no more errors): figures differ from one precision to another in the third digit.
    """

    def __init__(self, model: openvino.Model) -> None:
        compiled = openvino.Core().compile_model(model, "CPU", ONE_CORE)
        self.precision: str = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self._request = compiled.create_infer_request()

    def __call__(self, batch: Floats) -> Floats:
        """The network's answer to `batch`."""
        answer = self._request.infer({0: batch}, share_inputs=True)
        return np.asarray(answer[0], dtype=np.float32)


def load(name: str) -> openvino.Model:
    """One of the PP-OCR networks that come inside the `rapidocr` wheel (Apache-2.0)."""
    return openvino.Core().read_model(str(files("rapidocr") / "models" / name))


def alphabet(recogniser: openvino.Model) -> list[str]:
    """The characters that a recogniser knows, in the order of its classes from class 1."""
    characters: str = recogniser.get_rt_info(["framework", "character"]).value
    return [*characters.splitlines(), " "]


def keep_classes(recogniser: openvino.Model, classes: Sequence[int]) -> None:
    """Cut the recogniser's last layer down to `classes`: less work, and no other answers."""
    before = recogniser.output(0).partial_shape[-1].get_length()
    for node in recogniser.get_ops():
        if node.get_type_name() == "Constant" and before in node.get_output_shape(0)[-1:]:
            kept = openvino.opset13.constant(np.ascontiguousarray(node.data[..., classes]))
            for user in node.output(0).get_target_inputs():
                user.replace_source_output(kept.output(0))
    recogniser.validate_nodes_and_infer_types()
