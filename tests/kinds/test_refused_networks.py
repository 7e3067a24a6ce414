"""Files about networks that cannot be used: what is wrong, in which line, what to change; nothing is written."""

import pytest

from derive.cli import main

GRAPH = "nodes = ['c = a + b', 'e = 1 / c']\n"
LAYERS = "input = [8, 8, 1]\nlayers = [{type = 'Conv2D', filters = 4, kernel_size = 3}, {type = 'Flatten'}, %s]\n"
UNITS = "units = ['z = w X_1', 'y = v z']\nmodel = '\\beta X_1'\nvariables = ['X_1']\n"

# kind, what stands below [given] (from line 5), the line that is named, what the message says
ROWS = {
    "inputs for another matrix": ("forward-pass", "inputs = [3, 1, -1]\nweights = [[[2, 1], [-1, -3]]]", 6,
                                  ["layer 1", "2×2", "the network has 3 inputs"]),
    "a layer for another layer": (
        "forward-pass", "inputs = [3, 1]\nweights = [[[2, 1], [-1, -3], [0, 1]], [[6, -1], [2, 8]]]", 6,
        ["layer 2", "takes 2 inputs", "layer 1 has 3 units (its matrix is 3×2)"]),
    "a row too short": ("forward-pass", "inputs = [3, 1]\nweights = [[[2, 1], [-1]]]", 6,
                        ["layer 1", "row 2", "1 weight"]),
    "no matrices": ("forward-pass", "inputs = [3, 1]\nweights = [[2, 1], [-1, 1]]", 6, ["row 1 of layer 1", "[[["]),
    "a bias too few": ("forward-pass", "inputs = [3, 1]\nweights = [[[2, 1], [-1, 1]]]\nbiases = [[1]]", 7,
                       ["layer 1", "1 bias for 2 units"]),
    "flat biases": ("forward-pass", "inputs = [3, 1]\nweights = [[[2, 1], [-1, 1]]]\nbiases = [1, 2]", 7,
                    ["biases of layer 1", "[[0.5, -1], [0]]"]),
    "an unknown activation": ("forward-pass", "inputs = [3]\nweights = [[[2]]]\nactivations = ['sigmiod']", 7,
                              ['no activation "sigmiod"', 'did you mean "sigmoid"']),
    "activations for other layers": ("forward-pass", "weights = [[[2]]]\nactivations = ['relu', 'relu']", 6,
                                     ["2 activations for 1 layer"]),
    "classes for other outputs": (
        "forward-pass", "inputs = [3]\nweights = [[[2], [1]]]\nactivations = ['softmax']\nclasses = ['a', 'b', 'c']", 8,
        ["3 names for 2 classes"]),
    "edges in a circle": (
        "forward-pass", "inputs = {x = 1}\nedges = [['x', 'h_1', 1], ['h_2', 'h_1', 2], ['h_1', 'h_2', 1]]", 6,
        ["cycle", "h_1 → h_2 → h_1"]),
    "an edge from nowhere": ("forward-pass", "inputs = {x = 1}\nedges = [['x', 'y', 1], ['h', 'y', 2]]", 6,
                             ["nothing leads into h"]),
    "half an edge": ("forward-pass", "inputs = {x = 1}\nedges = [['x', 'y']]", 6, ["edge 1", "[from, to, weight]"]),
    "an input without a value": ("forward-pass", "inputs = [3, '1/0']\nweights = [[[2, 1]]]", 5, ["inputs"]),
    "a value for nothing": ("forward-pass", "inputs = ['a']\nweights = [[['b']]]\nvalues = {c = 1}", 7,
                            ["given for c", "inputs are a"]),
    "a misspelt key of a network": ("forward-pass", "inputs = [3]\nwieghts = [[[2]]]", 6, ['did you mean "weights"']),
    "nodes in a circle": ("computational-graph", "nodes = ['c = a + e', 'd = c b', 'e = d + 1']", 5,
                          ["cycle", "c → d → e → c"]),
    "a node of itself": ("computational-graph", "nodes = ['c = a + c']", 5, ["c → c"]),
    "a node twice": ("computational-graph", "nodes = ['c = a + b', 'c = a b']", 5, ["c is defined twice"]),
    "a node without a name": ("computational-graph", "nodes = ['a + b']", 5, ["it has no name", "'c = a + b'"]),
    "an input left out": ("computational-graph", GRAPH + "values = {a = 2}", 6, ["no value is given for b"]),
    "a value for a node": ("computational-graph", GRAPH + "values = {a = 2, b = 1, c = 3}", 6, ["c has a value and a"]),
    "a value for no input": ("computational-graph", GRAPH + "values = {a = 2, b = 1, x = 3}", 6, ["inputs are a, b"]),
    "a division by zero": ("computational-graph", GRAPH + "values = {a = 1, b = -1}", 6,
                           ["e = 1/c has no value", "other values"]),
    "a kink": ("computational-graph", "nodes = ['c = a + b', 'e = |c|']\nvalues = {a = 1, b = -1}", 6,
               ["∂e/∂c has no value"]),
    "an unknown output": ("computational-graph", GRAPH + "output = 'f'", 6, ["output f is no node", "nodes are c, e"]),
    "an unknown key": ("computational-graph", GRAPH + "at = {a = 1, b = 1}", 6,
                       ['unknown key "at"', "known are nodes"]),
    "an unknown layer": ("layers", LAYERS % "{type = 'Dence', units = 3}", 6, ["layer 3", 'did you mean "Dense"']),
    "an unknown option": ("layers", LAYERS % "{type = 'Dense', unit = 3}", 6, ["layer 3", 'did you mean "units"']),
    "a layer without units": ("layers", LAYERS % "{type = 'Dense'}", 6, ['Dense needs "units"', "units = 64"]),
    "a convolution of a row": ("layers", LAYERS % "{type = 'Conv2D', filters = 1, kernel_size = 3}", 6,
                               ["pictures, (H, W, C)", "the layer flatten gives (144,)", "put it before"]),
    "a window too large": ("layers", "input = [4, 4, 1]\nlayers = [{type = 'MaxPooling2D', pool_size = 5}]", 6,
                           ["a window over 5 places does not fit into 4", "padding"]),
    "groups that do not divide": (
        "layers", "input = [8, 8, 3]\nlayers = [{type = 'Conv2D', filters = 4, kernel_size = 3, groups = 2}]", 6,
        ["3 input channels cannot be divided into 2 groups", "groups divides"]),
    "an activation of a layer": ("layers", LAYERS % "{type = 'Dense', units = 3, activation = 'relo'}", 6,
                                 ["layer 3", 'did you mean "relu"']),
    "a unit used too early": (
        "coefficients", "units = ['y = v z', 'z = w X_1']\nmodel = '\\beta X_1'\nvariables = ['X_1']", 5,
        ["the unit y uses z", "from input to output"]),
    "an activation inside": (
        "coefficients", "units = ['z = \\tanh(w X_1)', 'y = z']\nmodel = '\\beta X_1'\nvariables = ['X_1']", 5,
        ["z = tanh(w X₁) is not linear"]),
    "a model that is an equation": (
        "coefficients", "units = ['y = w X_1']\nmodel = 'y = \\beta X_1'\nvariables = ['X_1']", 6,
        ["right side alone"]),
    "variables that are none": (
        "coefficients", "units = ['y = w X_1']\nmodel = '\\beta X_1'\nvariables = ['X_1', '2']", 7,
        ["must be different letters"]),
    "activations of another kind": ("coefficients", UNITS + "activations = ['linear', 'softmax']", 8,
                                    ["'softmax' is not one of: linear, sigmoid"]),
    "a label that is no class": ("loss-comparison", "label = 2", 5, ["must be 0 or 1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_wrong_file_is_refused_in_its_line(name, tmp_path, monkeypatch, capsys):
    kind, given, line, said = ROWS[name]
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "wrong.toml"
    file.write_text(f'title = "Wrong"\nkind = "{kind}"\n\n[given]\n{given}\n', encoding="utf-8")
    assert main(["solve", "wrong.toml", "-o", "out"]) == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert f"wrong.toml:{line}: " in shown
    assert [text for text in said if text not in shown] == []
    assert list(tmp_path.iterdir()) == [file]
