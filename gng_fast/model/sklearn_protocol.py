"""What scikit-learn expects of an estimator, without importing it.

Importing scikit-learn takes longer than training a small network, so nothing here does before it is asked for something
that only scikit-learn can do. Getting and setting parameters, names of features, `fit_predict` and `fit_transform` work
where it is not installed; tags and `set_output` need it.
"""

import copy
import inspect
import sys
import warnings
from functools import cache

import numpy as np


class Manners:
    """Mixin that makes a class with `fit`, `predict` and `transform` a clusterer and transformer of scikit-learn's kind.

    It takes the place of scikit-learn's BaseEstimator, ClusterMixin, TransformerMixin and ClassNamePrefixFeaturesOutMixin.
    """

    # ---- parameters --------------------------------------------------------------------------------------------------

    @classmethod
    @cache
    def _defaults(cls):
        """Names and defaults of the constructor's parameters."""
        signature = inspect.signature(cls)
        return {name: parameter.default for name, parameter in signature.parameters.items()}

    def get_params(self, deep: bool = True) -> dict:
        """Return the parameters by name.

        Parameters
        ----------
        deep : ignored
            No parameter is an estimator.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params):
        """Set parameters by name; they are checked when they are used.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a name that is no parameter; then none is set.

        Examples
        --------
        >>> from gng_fast import GrowingNeuralGas
        >>> GrowingNeuralGas(max_nodes=50).set_params(lam=200)
        GrowingNeuralGas(max_nodes=50, lam=200)
        """
        unknown = sorted(set(params) - set(self._defaults()))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a parameter; the parameters are {', '.join(self._defaults())}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not (default := self._defaults()[name]) and repr(value) != repr(default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    # ---- fitting -----------------------------------------------------------------------------------------------------

    def fit_predict(self, X, y=None, **fit_params) -> np.ndarray:
        """Fit and return the cluster of each row: `fit(X, **fit_params).labels_`.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored
        **fit_params
            As of `fit`.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        return self.fit(X, y, **fit_params).labels_

    def fit_transform(self, X, y=None, **fit_params):
        """Fit and return the distances of each row to all nodes: `fit(X, **fit_params).transform(X)`.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored
        **fit_params
            As of `fit`.

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
        """
        return self.fit(X, y, **fit_params).transform(X)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self):
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="clusterer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float32"]),
        )

    # ---- metadata routing --------------------------------------------------------------------------------------------

    def set_fit_request(self, *, sample_weight: bool | str | None):
        """Say whether pipelines and searches hand `sample_weight` on to `fit`: True, False, None or the name it goes by.

        Only of use with sklearn.set_config(enable_metadata_routing=True). Returns self.
        """
        return self._set_request("fit", sample_weight)

    def set_partial_fit_request(self, *, sample_weight: bool | str | None):
        """As `set_fit_request`, for `partial_fit`."""
        return self._set_request("partial_fit", sample_weight)

    def _set_request(self, method, sample_weight):
        request = self.get_metadata_routing()
        getattr(request, method).add_request(param="sample_weight", alias=sample_weight)
        self._metadata_request = request  # the name that scikit-learn's clone copies
        return self

    def get_metadata_routing(self):
        """Return what `set_fit_request` and `set_partial_fit_request` asked for, a MetadataRequest of scikit-learn."""
        if hasattr(self, "_metadata_request"):
            return copy.deepcopy(self._metadata_request)
        from sklearn.utils.metadata_routing import MetadataRequest

        request = MetadataRequest(owner=type(self).__name__)
        request.fit.add_request(param="sample_weight", alias=None)
        request.partial_fit.add_request(param="sample_weight", alias=None)
        return request

    # ---- columns -----------------------------------------------------------------------------------------------------

    def _check_columns(self, X, n_features: int) -> None:
        """Compare the columns of X, a table of n_features columns, with those that the model was fitted on."""
        kind, fitted = type(self).__name__, getattr(self, "feature_names_in_", None)
        names = feature_names(X)
        if names is not None and fitted is not None:
            if names.tolist() != fitted.tolist():
                raise ValueError(
                    "The feature names should match those that were passed during fit: expected "
                    f"{', '.join(fitted)}, got {', '.join(names)}"
                )
        elif names is not None:
            warnings.warn(f"X has feature names, but {kind} was fitted without feature names", stacklevel=4)
        elif fitted is not None:
            warnings.warn(
                f"X does not have valid feature names, but {kind} was fitted with feature names", stacklevel=4
            )
        if n_features != self.n_features_in_:
            raise ValueError(
                f"X has {n_features} features, but {kind} is expecting {self.n_features_in_} features as input"
            )

    def _name_columns(self, X) -> None:
        """Keep the names of the columns of X, the data of a fit."""
        names = feature_names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Return the names of the columns of `transform`: growingneuralgas0, growingneuralgas1, ...

        Parameters
        ----------
        input_features : sequence of str, optional
            Names of the columns of X; only their number is looked at.

        Returns
        -------
        ndarray of str objects, shape (n_nodes,)

        Raises
        ------
        AttributeError
            If the model is not fitted.
        ValueError
            If there are more or fewer input features than columns.
        """
        n_nodes = self.graph_.n_nodes
        if input_features is not None and len(input_features) != self.n_features_in_:
            raise ValueError(
                f"input_features should have length equal to number of features ({self.n_features_in_}), "
                f"got {len(input_features)}"
            )
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{node}" for node in range(n_nodes)], dtype=object)

    def set_output(self, *, transform: str | None = None):
        """Choose what `transform` and `fit_transform` return.

        Parameters
        ----------
        transform : "default", "pandas", "polars" or None
            An array, or a data frame with the columns of `get_feature_names_out`. None leaves it as it is.

        Returns
        -------
        self

        Raises
        ------
        ImportError
            If scikit-learn, which makes the data frames, is not installed.
        """
        _output_class()
        if transform is not None:
            # the name that scikit-learn's clone copies
            self._sklearn_output_config = {"transform": transform}
        return self

    def _in_container(self, values: np.ndarray, X):
        """What `transform` of X returns for these values: as `set_output` or scikit-learn's configuration asks."""
        chosen = getattr(self, "_sklearn_output_config", {}).get("transform")
        if chosen is None:
            sklearn = sys.modules.get("sklearn")  # not imported: nobody can have configured it
            chosen = sklearn.get_config()["transform_output"] if sklearn else "default"
        if chosen == "default":
            return values
        output = _output_class()(values, self.get_feature_names_out())
        return output.set_output(transform=chosen).transform(X)


@cache
def _output_class():
    try:
        from sklearn.base import BaseEstimator, TransformerMixin
    except ImportError as error:
        raise ImportError("set_output needs scikit-learn: pip install 'gng-fast[sklearn]'") from error

    class Output(TransformerMixin, BaseEstimator):
        """A transformer whose result is there already, for scikit-learn to put into a container."""

        def __init__(self, values, names):
            self.values = values
            self.names = names

        def transform(self, X):
            return self.values

        def get_feature_names_out(self, input_features=None):
            return self.names

    return Output


def feature_names(X) -> np.ndarray | None:
    """The names of the columns of a data frame as an array of str objects; None if there are none, or not all are str.

    Raises TypeError where only some of them are.
    """
    columns = getattr(X, "columns", None)
    if columns is None:
        return None
    names = np.asarray(list(columns), dtype=object)
    are_str = [isinstance(name, str) for name in names]
    if any(are_str) and not all(are_str):
        raise TypeError(
            "Feature names are only supported if all input features have string names, but X has some that "
            "are not: convert them with X.columns = X.columns.astype(str)"
        )
    return names if len(names) and all(are_str) else None


def not_fitted(message: str) -> AttributeError:
    """The error for a model that is not fitted: scikit-learn's, if anybody imported it and could look for it."""
    exceptions = sys.modules.get("sklearn.exceptions")
    return exceptions.NotFittedError(message) if exceptions else AttributeError(message)
