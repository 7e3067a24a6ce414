"""Activation functions: one row each, with its code in every framework.

``numpy`` and ``torch`` are expressions with ``{}`` for the argument, ``torch`` also with ``{dim}`` for the axis of the
channels. A new activation is a row of :data:`ROWS`; its derivative comes from the rules
(:mod:`derive.listings._slopes`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activation:
    """One row: its name, the code of each framework, the NumPy helper it needs, its other spellings."""

    name: str
    keras: str
    torch: str
    numpy: str
    helper: str = ""
    spellings: tuple[str, ...] = ()


ROWS = (
    Activation("linear", '"linear"', "{}", "{}", spellings=("identity", "none")),
    Activation("relu", '"relu"', "torch.relu({})", "np.maximum({}, 0)"),
    Activation("sigmoid", '"sigmoid"', "torch.sigmoid({})", "sigmoid({})", "sigmoid", ("logistic",)),
    Activation("tanh", '"tanh"', "torch.tanh({})", "np.tanh({})"),
    Activation("softmax", '"softmax"', "torch.softmax({}, dim={dim})", "softmax({})", "softmax"),
    Activation("softplus", '"softplus"', "F.softplus({})", "np.logaddexp(0, {})"),
    Activation("elu", '"elu"', "F.elu({})", "elu({})", "elu"),
    Activation("leaky_relu", "layers.LeakyReLU(negative_slope=0.01)", "F.leaky_relu({}, 0.01)", "leaky_relu({})",
               "leaky_relu", ("leakyrelu", "lrelu")),
    Activation("swish", '"swish"', "F.silu({})", "swish({})", "swish", ("silu",)),
    Activation("gelu", '"gelu"', "F.gelu({})", "gelu({})", "gelu"),
)

ACTIVATIONS = {row.name: row for row in ROWS}
"""The rows by name."""

SPELLINGS = {spelling: row.name for row in ROWS for spelling in (row.name, *row.spellings)}
"""What people write, and the row it means."""

HELPERS = {
    "sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",
    "softmax": "def softmax(z):\n    e = np.exp(z - z.max(axis=-1, keepdims=True))\n"
               "    return e / e.sum(axis=-1, keepdims=True)",
    "elu": "def elu(z):\n    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))",
    "leaky_relu": "def leaky_relu(z):\n    return np.where(z > 0, z, 0.01 * z)",
    "swish": "def swish(z):\n    return z / (1 + np.exp(-z))",
    "gelu": "def gelu(z):\n    from scipy.special import erf\n\n    return z * (1 + erf(z / np.sqrt(2))) / 2",
}
"""NumPy definitions of the activations that are no single expression."""
