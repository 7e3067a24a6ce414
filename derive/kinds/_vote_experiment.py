"""The experiment of experts and forests as a program for scikit-learn, on data that it brings along.

Called by the kind ``vote``, which prints it; the tests run it where scikit-learn is installed. Every row that a model
is judged on is new to it: the test rows are split off first, and the meta-features of the training rows come from
experts that were trained on other folds.
"""

from __future__ import annotations

from derive.steps import Heading, Listing, Paragraph, Part

PROGRAM = '''\
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

X, y = load_breast_cancer(return_X_y=True)
# One split before anything is trained; both forests get the same rows.
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, random_state=0, stratify=y)

experts = {
    "logistic regression": make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=1000)),
    "one rule": DecisionTreeClassifier(max_depth=1, random_state=0),
    "naive Bayes": GaussianNB(),
}

# Meta-features of a training row: experts that have not seen this row.
meta_train = np.column_stack([
    cross_val_predict(e, X_train, y_train, cv=5, method="predict_proba")[:, 1]
    for e in experts.values()])
# Meta-features of a test row: experts trained on all training rows.
meta_test = np.column_stack([
    e.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    for e in experts.values()])


def forest():
    return RandomForestClassifier(n_estimators=200, random_state=0)


predictions = {name: e.predict(X_test) for name, e in experts.items()}
predictions["majority of the experts"] = (
    np.mean([predictions[name] for name in experts], axis=0) > 0.5).astype(int)
predictions["forest on the experts"] = (
    forest().fit(meta_train, y_train).predict(meta_test))
predictions["forest on the data"] = (
    forest().fit(X_train, y_train).predict(X_test))

base = max(np.mean(y_test), 1 - np.mean(y_test))
accuracies = {name: accuracy_score(y_test, p)
              for name, p in predictions.items()}
print(f"base rate {base:.4f}, {len(y_test)} test rows")
for name, accuracy in accuracies.items():
    print(f"{name}: accuracy {accuracy:.4f}")
    print(confusion_matrix(y_test, predictions[name]))
'''

SAID = ("The same comparison as a program, with data that scikit-learn brings along. It keeps the protocol: no row "
        "that a model is judged on has taken part in its training, and both forests see the same rows.")


def experiment() -> list[Part]:
    """The program as a listing."""
    return [Heading(("An experiment without a leak",)), Paragraph((SAID,)),
            Listing(PROGRAM, ("Three experts, a forest on their predictions, and a forest on the data.",))]
