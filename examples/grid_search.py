"""How many units, and which learning rate? The same question asked of two searches.

`sweep` trains every combination with several seeds, keeps each run in a folder, and goes on there
when it was interrupted: start this program, stop it with Ctrl-C, and start it again.
`GridSearchCV` of scikit-learn asks by cross-validation, in a pipeline that scales the data.
Both take more processes (`workers=2`, `n_jobs=2`), or a cluster of Dask: `client=Client(…)`, and
`joblib.parallel_config(backend="dask")`.
"""

from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autograd_nn import Sequential, sweep
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Adam
from autograd_nn.wrappers import NNClassifier

(x, y), (x_test, y_test) = load_digits()


def build(units, rate):
    model = Sequential([Dense(units, activation="relu"), Dense(10, activation="softmax")])
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def by_sweep():
    table = sweep(
        build,
        {"units": [4, 32], "rate": [0.001, 0.01], "batch_size": [32, 128]},
        x,
        y,
        seeds=[0, 1],
        folder="digits_sweep",
        epochs=10,
        validation_split=0.2,
    )
    print(table)
    # Several seeds tell what is a difference and what is chance.
    by_units = table.frame().groupby(["units", "rate"])["val_accuracy"].agg(["mean", "std"])
    print(by_units)
    correct = table.model().evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
    print(f"The best has {table.best['units']} units: {correct:.1%} of the test digits.")
    assert len(table) == 16 and table.best["units"] == 32 and correct > 0.9


def by_cross_validation():
    network = NNClassifier(build, model_kwargs={"rate": 0.01}, epochs=5, random_state=0)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), network), {"nnclassifier__model__units": [4, 32]}, cv=3
    )
    search.fit(x, y)
    correct = search.score(x_test, y_test)
    print(f"Cross-validation says {search.best_params_}: {correct:.1%} of the test digits.")
    assert search.best_params_ == {"nnclassifier__model__units": 32} and correct > 0.9


if __name__ == "__main__":
    by_sweep()
    by_cross_validation()
