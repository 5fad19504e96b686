"""scikit-learn: it has no RMSprop, so Adam; as many epochs as `max_iter` says, no stop before."""

import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

data = np.load(sys.argv[1])
model = MLPClassifier(
    (25, 15),
    activation="logistic",
    alpha=0.0,
    batch_size=32,
    max_iter=100,
    n_iter_no_change=100,
)
warnings.simplefilter("ignore", ConvergenceWarning)
model.fit(data["X"], data["Y"].ravel())
print(model.loss_)
