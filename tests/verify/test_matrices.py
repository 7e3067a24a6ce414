"""Statements about whole vectors and matrices: true ones proved, realistic slips refuted, conventions undecided."""

import pytest

from derive.read.latex import Names, read
from derive.steps import Context, Definition, Status, Verdict
from derive.tree import Number, Product, Symbol, Transpose
from derive.verify import verify_step
from tests.verify.statements import symbol

DECLARED = {
    "A": "matrix m x n", "B": "matrix n x m", "C": "invertible matrix n", "D": "invertible matrix n",
    "M": "matrix n", "N": "matrix n x n", "S": "symmetric matrix n", "P": "positive definite matrix n",
    "Q": "orthogonal matrix n", "L": "diagonal matrix n", "U": "matrix n x k", "V": "matrix k x n",
    "K": "invertible matrix k", "X": "matrix r x d", "w": "vector d", "y": "vector r", "x": "vector n", "z": "vector n",
    "a": "vector n", "b": "vector n", "u": "vector m", "lambda": "positive", "t": "real", "W": "matrix m x n",
}  # fmt: skip
DECLARED["M"] = "matrix n x n"
NAMES = Names(matrices=frozenset(k for k, v in DECLARED.items() if "matrix" in v or "vector" in v))


def judged(before: str, after: str, relation: str = "=", declared: dict[str, str] | None = None) -> Verdict:
    domains = {symbol(k): v for k, v in (DECLARED if declared is None else declared).items()}
    return verify_step(read(before, NAMES), read(after, NAMES), relation, Context(domains))


TRUE = [
    # transposes, traces, inverses, determinants
    (r"(AB)^T", r"B^T A^T"),
    (r"(A^T)^T", "A"),
    (r"(A+W)^T", r"A^T+W^T"),
    (r"(CD)^{-1}", r"D^{-1}C^{-1}"),
    (r"(C^T)^{-1}", r"(C^{-1})^T"),
    (r"(2C)^{-1}", r"\frac{1}{2}C^{-1}"),
    (r"C C^{-1}", "I"),
    (r"C^{-1}(C+D)D^{-1}", r"C^{-1}+D^{-1}"),
    (r"(C^{-1}+D^{-1})^{-1}", r"C(C+D)^{-1}D"),
    (r"(I+M)^T", r"I+M^T"),
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(BA)"),
    (r"\operatorname{tr}(M N C)", r"\operatorname{tr}(C M N)"),
    (r"\operatorname{tr}(M^T)", r"\operatorname{tr}(M)"),
    (r"\operatorname{tr}(M+2N)", r"\operatorname{tr}(M)+2\operatorname{tr}(N)"),
    (r"\operatorname{tr}(a b^T)", r"b^T a"),
    (r"\operatorname{tr}(A^T W)", r"\operatorname{tr}(W A^T)"),
    (r"\det(CD)", r"\det(C)\det(D)"),
    (r"\det(C^T)", r"\det(C)"),
    (r"\det(C^{-1})", r"\frac{1}{\det(C)}"),
    (r"\log\det(P)", r"-\log\det(P^{-1})"),
    (r"Q^T Q", "I"),
    (r"Q^{-1}", "Q^T"),
    (r"\|Qx\|^2", r"\|x\|^2"),
    (r"S^T", "S"),
    (r"x^T M x", r"x^T M^T x"),
    (r"x^T M x", r"\frac{1}{2}x^T(M+M^T)x"),
    # products of sums, norms, inner products
    (r"X^T(Xw-y)", r"X^T X w-X^T y"),
    (r"\|Xw-y\|_2^2", r"w^T X^T X w-2y^T X w+y^T y"),
    (r"(a+b)^T(a-b)", r"a^T a-b^T b"),
    (r"\|a+b\|^2", r"\|a\|^2+2\langle a,b\rangle+\|b\|^2"),
    (r"\|a+b\|^2+\|a-b\|^2", r"2\|a\|^2+2\|b\|^2"),
    (r"\langle a,Mb\rangle", r"\langle M^T a,b\rangle"),
    (r"\|A\|_F^2", r"\operatorname{tr}(A^T A)"),
    (r"(a b^T)x", r"(b^T x)a"),
    (r"a^T b", r"b^T a"),
    (r"(M-N)(M+N)", r"M^2+MN-NM-N^2"),
    # entries
    (r"(Mx)_i", r"\sum_{j=1}^n M_{ij}x_j"),
    (r"(AB)_{ij}", r"\sum_{k=1}^n A_{ik}B_{kj}"),
    (r"\operatorname{tr}(M)", r"\sum_{i=1}^n M_{ii}"),
    (r"a^T b", r"\sum_{i=1}^n a_i b_i"),
    (r"x^T M x", r"\sum_{i=1}^n\sum_{j=1}^n M_{ij}x_i x_j"),
    (r"\operatorname{diag}(a)b", r"a\odot b"),
    (r"\operatorname{diag}(a)\operatorname{diag}(b)", r"\operatorname{diag}(a\odot b)"),
    (r"x^T(a\odot b)", r"a^T(x\odot b)"),
    # projections, Woodbury, ridge
    (r"\frac{a a^T}{a^T a}a", "a"),
    (r"\frac{a a^T}{a^T a}\frac{a a^T}{a^T a}", r"\frac{a a^T}{a^T a}"),
    (r"X(X^T X)^{-1}X^T X(X^T X)^{-1}X^T", r"X(X^T X)^{-1}X^T"),
    (r"(C+U K V)^{-1}", r"C^{-1}-C^{-1}U(K^{-1}+V C^{-1}U)^{-1}V C^{-1}"),
    (r"(C+a b^T)^{-1}", r"C^{-1}-\frac{C^{-1}a b^T C^{-1}}{1+b^T C^{-1}a}"),
    (r"(X^T X+\lambda I)^{-1}X^T", r"X^T(X X^T+\lambda I)^{-1}"),
    # derivatives
    (r"\nabla_w\|Xw-y\|^2", r"2X^T(Xw-y)"),
    (r"\nabla_w(\|Xw-y\|^2+\lambda\|w\|^2)", r"2X^T(Xw-y)+2\lambda w"),
    (r"\nabla_x(a^T x)", "a"),
    (r"\nabla_x(x^T M x)", r"(M+M^T)x"),
    (r"\nabla_x(x^T S x)", "2Sx"),
    (r"\nabla_x^2(x^T S x)", "2S"),
    (r"\nabla_x^2(x^T M x)", "M+M^T"),
    (r"\nabla_x\|x\|", r"\frac{x}{\|x\|}"),
    (r"\nabla_x[e^{a^T x}]", r"e^{a^T x}a"),
    (r"\nabla_x\sigma(a^T x)", r"\sigma(a^T x)(1-\sigma(a^T x))a"),
    (r"\frac{\partial}{\partial W}\operatorname{tr}(BW)", "B^T"),
    (r"\frac{\partial}{\partial W}\|W\|_F^2", "2W"),
    (r"\frac{\partial}{\partial W}(u^T W x)", "u x^T"),
    (r"\frac{\partial}{\partial W}\|Wx-u\|^2", "2(Wx-u)x^T"),
    (r"\frac{\partial}{\partial P}\log\det(P)", "P^{-1}"),
    (r"\frac{\partial}{\partial C}\det(C)", r"\det(C)(C^{-1})^T"),
    (r"\frac{\partial}{\partial C}\operatorname{tr}(C^{-1}M)", r"-(C^{-1}M C^{-1})^T"),
    (r"\frac{\partial}{\partial C}(a^T C^{-1}b)", r"-(C^{-1})^T a b^T(C^{-1})^T"),
    # activations
    (r"\sigma'(z)", r"\sigma(z)\odot(1-\sigma(z))"),
    (r"\nabla_x(a^T\sigma(Mx))", r"M^T(a\odot\sigma'(Mx))"),
    (r"\frac{\partial}{\partial W}(u^T\sigma(Wx))", r"(u\odot\sigma'(Wx))x^T"),
    (r"\operatorname{softmax}(z)_i", r"\frac{e^{z_i}}{\sum_{j=1}^n e^{z_j}}"),
    (r"\nabla_z\operatorname{softmax}(z)",
     r"\operatorname{diag}(\operatorname{softmax}(z))-\operatorname{softmax}(z)\operatorname{softmax}(z)^\top"),
    (r"\nabla_x[e^{-\frac{1}{2}x^T P x}]", r"-e^{-\frac{1}{2}x^T P x}Px"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), TRUE)
def test_true_statements_are_proved_for_all_sizes(before, after):
    found = judged(before, after)
    assert found.status is Status.PROVED, found
    assert found.method == "index notation"


FALSE = [
    # a lost or misplaced transpose, swapped factors
    (r"(AB)^T", r"A^T B^T", "shapes"),
    (r"(AB)^T", "AB", ""),
    (r"(MN)^T", r"M^T N^T", ""),
    (r"(CD)^{-1}", r"C^{-1}D^{-1}", ""),
    (r"(C+D)^{-1}", r"C^{-1}+D^{-1}", ""),
    (r"(2C)^{-1}", r"2C^{-1}", ""),
    ("CD", "DC", ""),
    ("M^T", "M", ""),
    (r"C^{-1}M C", "M", ""),
    (r"\operatorname{tr}(MN)", r"\operatorname{tr}(M)\operatorname{tr}(N)", ""),
    (r"\operatorname{tr}(M N C)", r"\operatorname{tr}(M C N)", ""),
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(A)\operatorname{tr}(B)", "shapes"),
    (r"\det(C+D)", r"\det(C)+\det(D)", ""),
    (r"\det(2C)", r"2\det(C)", ""),
    (r"\det(C^{-1})", r"-\det(C)", ""),
    (r"\log\det(P)", r"\log\det(P^{-1})", ""),
    ("QQ", "I", ""),
    (r"\|Mx\|^2", r"\|x\|^2", ""),
    (r"x^T M x", r"x^T x M", "shapes"),
    (r"x^T M b", r"b^T M x", ""),
    (r"x^T M", r"M^T x", "shapes"),
    # shapes
    (r"X^T(Xw-y)", r"X^T X w-Xy", "shapes"),
    ("XXw", r"X^T X w", "shapes"),
    (r"x^T x", "xx", "shapes"),
    (r"x x^T", r"x^T x", "shapes"),
    ("Aw", "u", "shapes"),
    ("A+B", "B+A", "shapes"),
    (r"a\odot w", r"w\odot a", "shapes"),
    (r"\operatorname{diag}(a)b", r"a^T b", "shapes"),
    (r"a\odot b", r"a^T b", "shapes"),
    # lost terms, factors, signs
    (r"\|Xw-y\|_2^2", r"w^T X^T X w-y^T X w+y^T y", ""),
    (r"\|Xw-y\|_2^2", r"w^T X^T X w+2y^T X w+y^T y", ""),
    (r"\|a+b\|^2", r"\|a\|^2+\|b\|^2", ""),
    (r"\|a+b\|", r"\|a\|+\|b\|", ""),
    (r"(a+b)^T(a-b)", r"a^T a+b^T b", ""),
    (r"(M+N)^2", "M^2+2MN+N^2", ""),
    (r"(M-N)(M+N)", "M^2-N^2", ""),
    (r"\langle a,Mb\rangle", r"\langle Ma,b\rangle", ""),
    (r"\|A\|_F^2", r"\operatorname{tr}(AB)", ""),
    (r"(a b^T)x", r"(a^T x)b", ""),
    # entries
    (r"(Mx)_i", r"\sum_{j=1}^n M_{ji}x_j", ""),
    (r"(AB)_{ij}", r"\sum_{k=1}^n A_{ik}B_{jk}", "shapes"),
    (r"(MN)_{ij}", r"\sum_{k=1}^n M_{ik}N_{jk}", ""),
    (r"\operatorname{tr}(M)", r"\sum_{i=1}^n\sum_{j=1}^n M_{ij}", ""),
    (r"\sum_{i=1}^n a_i b_i", r"\sum_{i=1}^n a_i\sum_{j=1}^n b_j", ""),
    # projections and inverses of sums
    (r"\frac{a a^T}{a^T a}\frac{a a^T}{a^T a}", "I", ""),
    (r"\frac{a a^T}{a^T a}b", r"\frac{a^T b}{b^T b}a", ""),
    (r"(C+U K V)^{-1}", r"C^{-1}-C^{-1}U(K+V C^{-1}U)^{-1}V C^{-1}", ""),
    (r"(C+U K V)^{-1}", r"C^{-1}+C^{-1}U(K^{-1}+V C^{-1}U)^{-1}V C^{-1}", ""),
    (r"(C+a b^T)^{-1}", r"C^{-1}-\frac{C^{-1}a b^T C^{-1}}{1-b^T C^{-1}a}", ""),
    (r"(X^T X+\lambda I)^{-1}X^T", r"(X^T X)^{-1}X^T", ""),
    # derivatives
    (r"\nabla_w\|Xw-y\|^2", r"X^T(Xw-y)", ""),
    (r"\nabla_w\|Xw-y\|^2", r"2X^T(y-Xw)", ""),
    (r"\nabla_w\|Xw-y\|^2", r"2X(Xw-y)", "shapes"),
    (r"\nabla_w\|Xw-y\|^2", r"2(Xw-y)", "shapes"),
    (r"\nabla_w(\|Xw-y\|^2+\lambda\|w\|^2)", r"2X^T(Xw-y)+\lambda w", ""),
    (r"\nabla_x(a^T x)", "x", ""),
    (r"\nabla_x(x^T M x)", "2Mx", ""),
    (r"\nabla_x(x^T S x)", "Sx", ""),
    (r"\nabla_x^2(x^T S x)", "S", ""),
    (r"\nabla_x\|x\|", r"\frac{x}{\|x\|^2}", ""),
    (r"\nabla_x\|x\|^2", "x", ""),
    (r"\nabla_x\sigma(a^T x)", r"\sigma(a^T x)(1-\sigma(a^T x))", "shapes"),
    (r"\nabla_x\sigma(a^T x)", r"\sigma(a^T x)a", ""),
    (r"\frac{\partial}{\partial W}\|W\|_F^2", "W", ""),
    (r"\frac{\partial}{\partial W}\|Wx-u\|^2", "(Wx-u)x^T", ""),
    (r"\frac{\partial}{\partial P}\log\det(P)", "P", ""),
    (r"\frac{\partial}{\partial C}\operatorname{tr}(C^{-1}M)", r"-C^{-1}C^{-1}M", ""),
    # activations
    (r"\sigma'(z)", r"\sigma(z)\odot(1+\sigma(z))", ""),
    (r"\sigma'(z)", r"1-\sigma(z)", ""),
    (r"\nabla_x(a^T\sigma(Mx))", r"M(a\odot\sigma'(Mx))", ""),
    (r"\nabla_x(a^T\sigma(Mx))", r"M^T a\odot\sigma'(Mx)", ""),
    (r"\nabla_z\operatorname{softmax}(z)", r"\operatorname{diag}(\operatorname{softmax}(z))", ""),
    (r"\operatorname{softmax}(2z)", r"\operatorname{softmax}(z)", ""),
]


@pytest.mark.parametrize(("before", "after", "method"), FALSE)
def test_slips_are_refuted(before, after, method):
    found = judged(before, after)
    assert found.status is Status.REFUTED, found
    if method == "shapes":
        assert (found.method, found.witness) == ("shapes", None)
        assert found.detail
    else:
        assert found.witness is not None
        assert found.witness.left != found.witness.right


# --- what nobody declared, and what may be read in several ways --------------------------------------


UNDECLARED = [
    (r"(AB)^\top", r"B^\top A^\top", "proved"),
    (r"(AB)^\top", r"A^\top B^\top", "refuted"),
    (r"\mathbf{X}^\top(\mathbf{w}-\mathbf{y})", r"\mathbf{X}^\top\mathbf{w}-\mathbf{X}^\top\mathbf{y}", "proved"),
    (r"\nabla_{\mathbf{w}}\|\mathbf{X}\mathbf{w}\|^2", r"2\mathbf{X}^\top\mathbf{X}\mathbf{w}", "proved"),
    (r"\nabla_{\mathbf{w}}\|\mathbf{X}\mathbf{w}\|^2", r"\mathbf{X}^\top\mathbf{X}\mathbf{w}", "refuted"),
    (r"\nabla_w\|Xw-y\|^2", r"2X^\top(Xw-y)", "proved"),
    (r"(cA)^\top", r"cA^\top", "proved"),
    (r"a^\top b", r"b^\top a", "proved"),
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(BA)", "proved"),
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(A)\operatorname{tr}(B)", "refuted"),
    (r"\nabla_x(x^\top A x)", r"(A+A^\top)x", "proved"),
    (r"\nabla_x(x^\top A x)", "2Ax", "undecided"),  # true for symmetric A
    (r"x^\top A y", r"y^\top A x", "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status"), UNDECLARED)
def test_undeclared_letters_are_read_as_their_shapes_ask_for(before, after, status):
    found = judged(before, after, declared={})
    assert found.status == status, found


def test_a_proof_says_how_it_read_undeclared_letters():
    found = judged(r"\nabla_w\|Xw-y\|^2", r"2X^\top(Xw-y)", declared={})
    assert set(found.condition) == {"X is a matrix", "w is a vector", "y is a vector"}


CONVENTIONS = [
    (r"\nabla_x(a^T x)", "a^T", "layout"),
    (r"\nabla_w\|Xw-y\|^2", r"2(Xw-y)^T X", "layout"),
    (r"\frac{\partial}{\partial W}\operatorname{tr}(BW)", "B", "layout"),
    ("ab", r"a\odot b", "entry by entry"),
    (r"\operatorname{tr}(a b^T)", "a b^T", "rows"),
    ("M+1", "1+M", "a number is added to a matrix"),
    ("x^2", r"x\odot x", "a power of a vector"),
    (r"\frac{\partial L}{\partial x}", "a", ""),  # what L depends on is not known
    (r"f(x)", r"f(x)+0a", ""),
]


@pytest.mark.parametrize(("before", "after", "detail"), CONVENTIONS)
def test_what_depends_on_a_convention_is_undecided(before, after, detail):
    found = verify_step(
        read(before, NAMES_AND_F), read(after, NAMES_AND_F), "=", Context({symbol(k): v for k, v in SMALL.items()})
    )
    assert found.status is Status.UNDECIDED
    assert detail in found.detail


SMALL = {k: v for k, v in DECLARED.items() if k not in ("L", "N")}
NAMES_AND_F = Names(matrices=NAMES.matrices - {"L", "N"}, functions=frozenset({"f"}))


def test_an_entry_derivative_does_not_take_another_letter_for_the_variable():
    found = judged(r"\frac{\partial}{\partial x_k}(x^T M x)", r"((M+M^T)x)_k")
    assert found.status is Status.PROVED
    assert judged(r"\frac{\partial}{\partial x_k}(x^T M x)", "0").status is Status.REFUTED
    assert judged(r"\nabla_{x_1}(x^T x)", "2x_1").status is Status.PROVED


# --- conditions, relations, definitions ----------------------------------------------------------------


def test_a_proof_names_the_inverse_that_only_one_side_needs():
    found = judged(r"(X^T X)^{-1}X^T X", "I")
    assert found.status is Status.PROVED
    assert len(found.condition) == 1
    assert found.condition[0].endswith("is invertible")
    assert judged("CC^{-1}", "I").condition == ()
    (condition,) = judged("MM^{-1}", "I").condition
    assert condition == "M is invertible"
    assert condition.prose == (Symbol("M"), " is invertible")
    (condition,) = judged(r"\frac{a a^T}{a^T a}a", "a").condition
    assert condition == "aᵀ a ≠ 0"
    (formula,) = condition.prose
    assert formula.sides == (Product((Transpose(Symbol("a")), Symbol("a"))), Number("0"))


RELATIONS = [
    (r"\|x\|^2", ">=", "0", "proved"),
    (r"w^T X^T X w", ">=", "0", "proved"),
    (r"x^T P x", ">=", "0", "proved"),
    (r"x^T S x", ">=", "0", "refuted"),
    (r"x^T x+1", ">", "0", "proved"),
    (r"\|a+b\|", "<=", r"\|a\|+\|b\|", "proved"),
    (r"\|a+b\|", ">=", r"\|a\|+\|b\|", "refuted"),
    (r"a", "<=", "b", "undecided"),
    (r"X^T X w=X^T y", "=>", r"w=(X^T X)^{-1}X^T y", "proved"),
    (r"X^T X w=X^T y", "=>", r"w=(X X^T)^{-1}X^T y", "undecided"),
    (r"2X^T(Xw-y)+2\lambda w=0", "<=>", r"w=(X^T X+\lambda I)^{-1}X^T y", "proved"),
    (r"Cx=b", "<=>", "x=C^{-1}b", "proved"),
    (r"Cx=b", "=>", "x=bC^{-1}", "undecided"),
    (r"Xw=y", "=>", r"X^T X w=X^T y", "proved"),
    (r"X^T X w=X^T y", "=>", "Xw=y", "undecided"),
    (r"3\lambda P^{-1}(a-b)=0", "<=>", "b=a", "proved"),
    (r"3\lambda P^{-1}(a-b)=0", "<=>", "b=2a", "undecided"),
    (r"P^{-1}S P^{-1}=\lambda P^{-1}", "<=>", r"P=\frac{1}{\lambda}S", "proved"),
    (r"P^{-1}S P^{-1}=\lambda P^{-1}", "<=>", r"P=\lambda S", "undecided"),
    (r"\lambda a=\lambda b", "<=>", "a=b", "proved"),
    (r"ta=tb", "<=>", "a=b", "undecided"),
    (r"\det(C)a=\det(C)b", "<=>", "a=b", "proved"),
    (r"\det(M)a=\det(M)b", "<=>", "a=b", "undecided"),
]


@pytest.mark.parametrize(("before", "relation", "after", "status"), RELATIONS)
def test_relations_other_than_equality(before, relation, after, status):
    found = judged(before, after, relation)
    assert found.status == status, found


def defined(before: str, after: str, declared: dict[str, str], **definitions: str) -> Verdict:
    names = Names(matrices=frozenset(declared))
    made = tuple(Definition(symbol(k), (), read(v, names)) for k, v in definitions.items())
    return verify_step(
        read(before, names), read(after, names), "=", Context({symbol(k): v for k, v in declared.items()}, made)
    )


LAYER = {"W": "matrix m x n", "x": "vector n", "c": "vector m", "y": "vector m"}
FORWARD = {"L": r"\frac{1}{2}\|h-y\|^2", "h": r"\sigma(z)", "z": "Wx+c"}
BACKWARD = [
    (r"\frac{\partial L}{\partial h}", "h-y", "proved"),
    (r"\frac{\partial L}{\partial z}", r"(h-y)\odot\sigma'(z)", "proved"),
    (r"\frac{\partial L}{\partial z}", r"(h-y)\odot\sigma(z)", "refuted"),
    (r"\frac{\partial L}{\partial W}", r"((h-y)\odot\sigma'(z))x^T", "proved"),
    (r"\frac{\partial L}{\partial W}", r"x((h-y)\odot\sigma'(z))^\top", "undecided"),  # the other layout
    (r"\frac{\partial L}{\partial W}", r"(h-y)x^T", "refuted"),
    (r"\frac{\partial L}{\partial c}", r"(h-y)\odot h\odot(1-h)", "proved"),
    (r"\frac{\partial L}{\partial x}", r"W^T((h-y)\odot\sigma'(z))", "proved"),
    (r"\frac{\partial L}{\partial x}", r"W((h-y)\odot\sigma'(z))", "refuted"),
]


@pytest.mark.parametrize(("before", "after", "status"), BACKWARD)
def test_back_propagation_through_a_layer(before, after, status):
    found = defined(before, after, LAYER, **FORWARD)
    assert found.status == status, found


SPREAD = (
    r"\sum_{i=1}^N\mathbf{x}_i\mathbf{x}_i^\top-\sum_{i=1}^N\mathbf{x}_i\mathbf{m}^\top"
    r"-\mathbf{m}\sum_{i=1}^N\mathbf{x}_i^\top+N\mathbf{m}\mathbf{m}^\top"
)
LABELLED = {"W": "matrix", "delta": "vector", "z": "vector"}
LAYERS = [
    (r"(W^{(l+1)})^\top\delta^{(l+1)}\odot\sigma'(z^{(l)})",
     r"\operatorname{diag}(\sigma'(z^{(l)}))(W^{(l+1)})^\top\delta^{(l+1)}", "proved"),
    (r"(W^{(l+1)})^\top\delta^{(l+1)}\odot z^{(l)}", r"W^{(l+1)}\delta^{(l+1)}\odot z^{(l)}", "refuted"),
    (r"(W^{(l+1)})^\top\delta^{(l+1)}", r"(W^{(l-1)})^\top\delta^{(l+1)}", "refuted"),
    (r"W^{[2]}\sigma(z^{[1]})", r"W^{[2]}(1-\sigma(-z^{[1]}))", "proved"),
    (r"W^{[2]}\sigma(z^{[1]})", r"W^{[2]}\sigma(z^{[2]})", "refuted"),
    (r"\sum_{i=1}^N\|x^{(i)}-\mathbf{m}\|^2",
     r"\sum_{i=1}^N\|x^{(i)}\|^2-2\mathbf{m}^\top\sum_{i=1}^N x^{(i)}+N\|\mathbf{m}\|^2", "proved"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status"), LAYERS)
def test_labels_make_letters_of_their_own(before, after, status):
    names = Names(matrices=frozenset({*LABELLED, "x"}), labels=True, indexed=frozenset({"x"}))
    context = Context({symbol(k): v for k, v in LABELLED.items()})
    assert verify_step(read(before, names), read(after, names), "=", context).status == status


FAMILIES = [
    (r"\sum_{i=1}^N(\mathbf{x}_i-\mathbf{m})(\mathbf{x}_i-\mathbf{m})^\top",
     SPREAD, "proved"),
    (r"\sum_{i=1}^N(\mathbf{x}_i-\mathbf{m})(\mathbf{x}_i-\mathbf{m})^\top",
     r"\sum_{i=1}^N\mathbf{x}_i\mathbf{x}_i^\top-N\mathbf{m}\mathbf{m}^\top", "refuted"),
    (r"\nabla_{\mathbf{m}}[\sum_{i=1}^N\|\mathbf{x}_i-\mathbf{m}\|^2]",
     r"-2\sum_{i=1}^N(\mathbf{x}_i-\mathbf{m})", "proved"),
    (r"\nabla_{\mathbf{w}}[\sum_{i=1}^N(y_i-\mathbf{w}^\top\mathbf{x}_i)^2]",
     r"-2\sum_{i=1}^N(y_i-\mathbf{w}^\top\mathbf{x}_i)\mathbf{x}_i", "proved"),
    (r"\nabla_{\mathbf{w}}[\sum_{i=1}^N(y_i-\mathbf{w}^\top\mathbf{x}_i)^2]",
     r"2\sum_{i=1}^N(y_i-\mathbf{w}^\top\mathbf{x}_i)\mathbf{x}_i", "refuted"),
    (r"\nabla_{\mathbf{w}}[\sum_{i=1}^N\log(1+e^{-y_i\mathbf{w}^\top\mathbf{x}_i})]",
     r"-\sum_{i=1}^N y_i\sigma(-y_i\mathbf{w}^\top\mathbf{x}_i)\mathbf{x}_i", "proved"),
    (r"\nabla_{\mathbf{w}}[\sum_{i=1}^N\log(1+e^{-y_i\mathbf{w}^\top\mathbf{x}_i})]",
     r"-\sum_{i=1}^N y_i\sigma(y_i\mathbf{w}^\top\mathbf{x}_i)\mathbf{x}_i", "refuted"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status"), FAMILIES)
def test_families_of_vectors(before, after, status):
    names = Names(indexed=frozenset({"x", "y"}))
    found = verify_step(read(before, names), read(after, names), "=", Context())
    assert found.status == status, found


RANDOM = {"A": "matrix m x n", "M": "matrix n x n", "x": "vector n", "y": "vector n", "b": "vector m", "mu": "vector n"}
MEANS = [
    (r"\mathbb{E}[Ax+b]", r"A\mathbb{E}[x]+b", "proved"),
    (r"\mathbb{E}[(x-\mu)(x-\mu)^\top]", r"\mathbb{E}[xx^\top]-\mu\mu^\top", "proved"),
    (r"\mathbb{E}[(x-\mu)(x-\mu)^\top]", r"\mathbb{E}[xx^\top]+\mu\mu^\top", "refuted"),
    (r"\operatorname{Var}(Ax)", r"A\operatorname{Var}(x)A^\top", "proved"),
    (r"\operatorname{Var}(Mx)", r"M\operatorname{Var}(x)M", "refuted"),
    (r"\operatorname{Var}(x)", r"\mathbb{E}[xx^\top]", "refuted"),
    (r"\mathbb{E}[x^\top M x]", r"\operatorname{tr}(M\operatorname{Var}(x))+\mu^\top M\mu", "proved"),
    (r"\mathbb{E}[x^\top M x]", r"\mu^\top M\mu", "refuted"),
    (r"\mathbb{E}[x^\top (\mathbf{I}-M) x]", r"\operatorname{tr}((\mathbf{I}-M)\mathbb{E}[xx^\top])", "proved"),
    (r"\mathbb{E}[\|(\mathbf{I}-M) x\|^2]", r"\operatorname{tr}((\mathbf{I}-M)\mathbb{E}[xx^\top])", "refuted"),
    (r"\mathbb{E}[\|x-\mu\|^2]", r"\operatorname{tr}(\operatorname{Var}(x))", "proved"),
    (r"\operatorname{Cov}(x,y)", r"\operatorname{Cov}(y,x)^\top", "proved"),
    (r"\mathbb{E}[xy^\top]", r"\mathbb{E}[x]\mathbb{E}[y]^\top", "undecided"),  # true of independent ones
    (r"\mathbb{E}[x]", "x", "undecided"),  # nothing is random
]


@pytest.mark.parametrize(("before", "after", "status"), MEANS)
def test_means_and_covariances(before, after, status):
    found = defined(before, after, RANDOM, mu=r"\mathbb{E}[x]")
    assert found.status == status, found


OUTPUTS = {
    "Z": "matrix n x k", "Y": "matrix n x k", "P": "matrix n x k", "z": "vector k", "y": "vector k", "p": "vector k",
}  # fmt: skip
SQUARES = r"\frac{1}{2n}\sum_{i=1}^n\sum_{j=1}^k (P_{ij}-Y_{ij})^2"
CROSS_ENTROPY = r"-\sum_j (y_j\ln(p_j)+(1-y_j)\ln(1-p_j))"
CROSS_ENTROPIES = r"-\frac1n\sum_{i=1}^n\sum_{j=1}^k (Y_{ij}\ln P_{ij}+(1-Y_{ij})\ln(1-P_{ij}))"
OF_DEFINED = [
    (r"\nabla_Z L", r"\frac1n(P-Y)", {"P": "Z", "L": SQUARES}, "proved"),
    (r"\nabla_Z L", r"\frac1n(Y-P)", {"P": "Z", "L": SQUARES}, "refuted"),
    (r"\nabla_Z L", r"\frac1n(P-Y)\odot P\odot(1-P)", {"P": r"\sigma(Z)", "L": SQUARES}, "proved"),
    (r"\nabla_Z L", r"\frac1n(P-Y)", {"P": r"\sigma(Z)", "L": SQUARES}, "refuted"),
    (r"\nabla_P L", r"\frac1n(P-Y)", {"P": r"\sigma(Z)", "L": SQUARES}, "proved"),
    (r"\frac{\partial L}{\partial P_{12}}", r"\frac1n(P_{12}-Y_{12})", {"P": r"\sigma(Z)", "L": SQUARES}, "proved"),
    (r"\nabla_z L", "p-y", {"p": r"\sigma(z)", "L": CROSS_ENTROPY}, "proved"),
    (r"\nabla_z L", "y-p", {"p": r"\sigma(z)", "L": CROSS_ENTROPY}, "refuted"),
    (r"\nabla_z L", r"(\sum_j y_j)p-y", {"p": r"\operatorname{softmax}(z)", "L": r"-\sum_j y_j\ln p_j"}, "proved"),
    (r"\nabla_z L", "p-y", {"p": r"\operatorname{softmax}(z)", "L": r"-\sum_j y_j\ln p_j"}, "refuted"),
    (r"\nabla_Z L", r"\frac1n(P-Y)", {"P": r"\sigma(Z)", "L": CROSS_ENTROPIES}, "proved"),
    (r"\nabla_Z L", r"\frac1n(P+Y)", {"P": r"\sigma(Z)", "L": CROSS_ENTROPIES}, "refuted"),
    (r"p_3", r"\sigma(z_3)", {"p": r"\sigma(z)"}, "proved"),
    (r"p_3", r"\sigma(z_2)", {"p": r"\sigma(z)"}, "refuted"),
    (r"p_j+q^T y", r"q^T y+z_j", {"q": "z", "p": "3"}, "undecided"),  # p_j is not an entry of the number p
]


@pytest.mark.parametrize(("before", "after", "definitions", "status"), OF_DEFINED)
def test_an_entry_of_a_defined_letter_is_one_of_what_it_stands_for(before, after, definitions, status):
    found = defined(before, after, OUTPUTS, **definitions)
    assert found.status == status, found
    assert not found.condition


KINDS = {
    "S": "matrix n x k", "U": "matrix n x k", "y": "probability vector k", "o": "vector k", "c": "one-hot vector 3",
    "Y": "probability matrix n x k", "v": "vector k", "P": "matrix n x k", "M": "matrix n x n", "N": "matrix n x n",
    "B": "matrix 1 x 3", "x": "vector 3",
}  # fmt: skip
ROWS = r"\operatorname{softmax}(S)"
KINDLY = [
    # softmax of every row
    (ROWS + r"\mathbf{1}", r"\mathbf{1}", "proved"),
    (r"\mathbf{1}^T" + ROWS, r"\mathbf{1}^T", "refuted"),
    (r"\nabla_S\operatorname{tr}(U^T" + ROWS + ")",
     ROWS + r"\odot(U-((" + ROWS + r"\odot U)\mathbf{1})\mathbf{1}^T)", "proved"),
    (r"\nabla_S\operatorname{tr}(U^T" + ROWS + ")", ROWS + r"\odot(U-" + ROWS + r"\odot U)", "refuted"),
    # probabilities sum to 1
    (r"\sum_{j=1}^k y_j", "1", "proved"),
    (r"\mathbf{1}^T y", "1", "proved"),
    (r"\mathbf{1}^T v", "1", "refuted"),
    (r"Y\mathbf{1}", r"\mathbf{1}", "proved"),
    (r"Y^T\mathbf{1}", r"\mathbf{1}", "refuted"),
    (r"\sum_{i=1}^n\sum_{j=1}^k Y_{ij}", "n", "proved"),
    ("c_1+c_2+c_3", "1", "proved"),
    (r"y\odot y", "y", "refuted"),
    (r"c\odot c", "c", "checked"),
    (r"\nabla_o(-y^T\ln\operatorname{softmax}(o))", r"\operatorname{softmax}(o)-y", "proved"),
    (r"\nabla_o(-v^T\ln\operatorname{softmax}(o))", r"\operatorname{softmax}(o)-v", "refuted"),
    # entry by entry where nothing else can be meant
    (r"\mathbf{1}^T\ln(P)\mathbf{1}", r"\sum_{i=1}^n\sum_{j=1}^k\ln P_{ij}", "proved"),
    (r"\mathbf{1}^T\ln(M)\mathbf{1}", r"\sum_{i=1}^n\sum_{j=1}^n\ln M_{ij}", "undecided"),
    (r"N\odot\ln M", r"\ln(M)\odot N", "proved"),
    (r"\ln(e^P)", "P", "proved"),
    (r"e^{M}", r"e^{M^T}", "undecided"),
    (r"\nabla_P(-\mathbf{1}^T(Y\odot\ln P)\mathbf{1})", r"-\frac{Y}{P}", "proved"),
    (r"\nabla_P(-\mathbf{1}^T(Y\odot\ln P)\mathbf{1})", r"\frac{Y}{P}", "refuted"),
    (r"\frac{N}{M}", r"M^{-1}N", "undecided"),
    # sides of one
    (r"\nabla_B\sum_{i=1}^1\sum_{j=1}^3 |B_{ij}|", r"\operatorname{sign}(B)", "proved"),
    (r"\nabla_B[(Bx)^2]", r"2(Bx)x^T", "proved"),
    (r"\nabla_B[(Bx)^2]", r"2x^T", "refuted"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status"), KINDLY)
def test_rows_of_shares_and_functions_of_entries(before, after, status):
    found = defined(before, after, KINDS)
    assert found.status == status, found


NUMBERS = {"A": "matrix 2 x 2", "R": "symmetric matrix 2", "x": "vector 2", "y": "vector 2", "v": "vector 3"}
ENTRIES = [
    (r"\operatorname{tr}(A)^2-\operatorname{tr}(A^2)", r"2\det(A)", "proved"),
    (r"A^2-\operatorname{tr}(A)A+\det(A)I", "0", "proved"),
    (r"A^2-\operatorname{tr}(A)A-\det(A)I", "0", "refuted"),
    (r"A^{-1}", r"\frac{\operatorname{tr}(A)I-A}{\det(A)}", "proved"),
    (r"\|x\|^2", "x_1^2+x_2^2", "proved"),
    (r"\|x\|^2", "x_1^2+x_1^2", "refuted"),
    (r"x^T R x", r"R_{11}x_1^2+2R_{12}x_1 x_2+R_{22}x_2^2", "proved"),
    (r"x^T A x", r"A_{11}x_1^2+2A_{12}x_1 x_2+A_{22}x_2^2", "refuted"),
    (r"A\begin{bmatrix}1\\0\end{bmatrix}", r"\begin{bmatrix}A_{11}\\A_{21}\end{bmatrix}", "proved"),
    (r"A\begin{bmatrix}1\\0\end{bmatrix}", r"\begin{bmatrix}A_{11}\\A_{12}\end{bmatrix}", "refuted"),
    (r"\operatorname{softmax}(x)_1", r"\sigma(x_1-x_2)", "proved"),
    ("Av", "v", "refuted"),
]


@pytest.mark.parametrize(("before", "after", "status"), ENTRIES)
def test_letters_of_known_size_may_be_written_out(before, after, status):
    names = Names(matrices=frozenset(NUMBERS))
    found = verify_step(
        read(before, names), read(after, names), "=", Context({symbol(k): v for k, v in NUMBERS.items()})
    )
    assert found.status == status, found


BY_ENTRIES = [
    (r"\sum_{i=1}^n x_i y_i", r"\sum_{j=1}^n y_j x_j", "proved"),
    (r"\sum_{i=1}^n(x_i-t)^2", r"\sum_{i=1}^n x_i^2-2t\sum_{i=1}^n x_i+n t^2", "proved"),
    (r"\sum_{i=1}^n(x_i-t)^2", r"\sum_{i=1}^n x_i^2-2t\sum_{i=1}^n x_i+t^2", "refuted"),
    (r"\prod_{i=1}^n e^{x_i}", r"e^{\sum_{i=1}^n x_i}", "proved"),
]


@pytest.mark.parametrize(("before", "after", "status"), BY_ENTRIES)
def test_declared_vectors_that_occur_by_their_entries_only(before, after, status):
    names = Names(indexed=frozenset({"x", "y"}))
    context = Context({symbol("x"): "vector n", symbol("y"): "vector n"})
    assert verify_step(read(before, names), read(after, names), "=", context).status == status


PAIR = r"\begin{bmatrix}1\\2\end{bmatrix}\odot\begin{bmatrix}3\\4\end{bmatrix}"
EXPLICIT = [
    (r"\left\|\begin{bmatrix}3\\4\end{bmatrix}\right\|", "5", "proved"),
    (r"\left\|\begin{bmatrix}3\\-4\end{bmatrix}\right\|_1", "7", "proved"),
    (r"\left\|\begin{bmatrix}3\\-4\end{bmatrix}\right\|_\infty", "4", "proved"),
    (PAIR, r"\begin{bmatrix}3\\8\end{bmatrix}", "proved"),
    (PAIR, "11", "refuted"),
    (r"\left\langle\begin{bmatrix}1\\2\end{bmatrix},\begin{bmatrix}3\\4\end{bmatrix}\right\rangle", "11", "proved"),
    (r"\operatorname{diag}(\begin{bmatrix}1\\2\end{bmatrix})", r"\begin{bmatrix}1&0\\0&2\end{bmatrix}", "proved"),
    (r"\operatorname{softmax}(\begin{bmatrix}p\\q\end{bmatrix})_1", r"\frac{1}{1+e^{q-p}}", "proved"),
    (r"\sigma(\begin{bmatrix}p\\q\end{bmatrix})", r"\begin{bmatrix}\sigma(p)\\\sigma(q)\end{bmatrix}", "proved"),
    (r"\operatorname{ReLU}'(\begin{bmatrix}5\\-2\end{bmatrix})", r"\begin{bmatrix}1\\0\end{bmatrix}", "proved"),
    (r"\begin{bmatrix}1&-2\end{bmatrix}\begin{bmatrix}3\\4\end{bmatrix}+2", "-3", "proved"),
    (r"1-\begin{bmatrix}3\\4\end{bmatrix}", r"\begin{bmatrix}-2\\-3\end{bmatrix}", "proved"),
    (r"1-\begin{bmatrix}3&1\\4&1\end{bmatrix}", r"\begin{bmatrix}-2&0\\-3&0\end{bmatrix}", "undecided"),
    (r"\operatorname{softmax}(\begin{bmatrix}p&p\\q&q\end{bmatrix})",
     r"\frac{1}{2}\begin{bmatrix}1&1\\1&1\end{bmatrix}", "proved"),
    (r"\max(0,\begin{bmatrix}2\\-3\end{bmatrix})", r"\begin{bmatrix}2\\0\end{bmatrix}", "proved"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status"), EXPLICIT)
def test_operations_on_written_vectors(before, after, status):
    found = verify_step(read(before, Names()), read(after, Names()), "=", Context())
    assert found.status == status, found
