"""What scikit-learn expects of an estimator, without importing it.

Importing scikit-learn takes longer than training a small network, so nothing here does before it is asked for something
that only scikit-learn can do. Getting and setting parameters and names of features work where it is not installed;
tags, requests for metadata and `set_output` need it.
"""

import copy
import inspect
import sys
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from gng_fast.model.data import Data, feature_names
from gng_fast.model.fitted import FittedAttributes, TrainingState
from gng_fast.optional import need


class SklearnProtocol(FittedAttributes):
    """Mixin that makes a class with `fit`, `predict` and `transform` a clusterer and a transformer for scikit-learn.

    It takes the place of scikit-learn's BaseEstimator, ClusterMixin, TransformerMixin, ClassNamePrefixFeaturesOutMixin.
    """

    # ---- parameters --------------------------------------------------------------------------------------------------

    @classmethod
    @cache
    def _defaults(cls) -> dict[str, Any]:
        """Names and defaults of the constructor's parameters; a **kwargs of a subclass takes those of its base."""
        defaults: dict[str, Any] = {}
        for kind in cls.__mro__:
            if "__init__" not in vars(kind):
                continue
            _, *parameters = inspect.signature(vars(kind)["__init__"]).parameters.values()
            if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
                raise TypeError(f"{kind.__name__}.__init__ must name its parameters, which *args does not")
            passed_on = [parameter.name for parameter in parameters if parameter.kind is parameter.VAR_KEYWORD]
            for parameter in parameters:
                if parameter.name not in passed_on:
                    defaults.setdefault(parameter.name, parameter.default)
            if not passed_on:
                break
        return defaults

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name.

        Parameters
        ----------
        deep : ignored
            No parameter is an estimator.

        Returns
        -------
        dict
            All parameters, in the order of the constructor.
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; they are checked when they are used.

        Parameters
        ----------
        **params
            Parameters of the constructor.

        Returns
        -------
        GrowingNeuralGas
            This model.

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

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the box of scikit-learn where that is installed, else the words."""
        try:
            from sklearn.utils import estimator_html_repr
        except ImportError:
            return None
        return str(estimator_html_repr(self))

    # ---- tags and metadata routing -----------------------------------------------------------------------------------

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="clusterer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float32"]),
        )

    def set_fit_request(self, *, sample_weight: bool | str | None) -> Self:
        """Say whether pipelines and searches hand `sample_weight` on to `fit`.

        This is only of use with sklearn.set_config(enable_metadata_routing=True).

        Parameters
        ----------
        sample_weight : bool, str or None
            Whether they do; a name under which they have it; or None, with which they refuse weights.

        Returns
        -------
        GrowingNeuralGas
            This model.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        return self._set_request("fit", sample_weight)

    def set_partial_fit_request(self, *, sample_weight: bool | str | None) -> Self:
        """Say whether pipelines and searches hand `sample_weight` on to `partial_fit`.

        Parameters
        ----------
        sample_weight : bool, str or None
            As of `set_fit_request`.

        Returns
        -------
        GrowingNeuralGas
            This model.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        return self._set_request("partial_fit", sample_weight)

    def set_score_request(self, *, sample_weight: bool | str | None) -> Self:
        """Say whether pipelines and searches hand `sample_weight` on to `score`.

        Parameters
        ----------
        sample_weight : bool, str or None
            As of `set_fit_request`.

        Returns
        -------
        GrowingNeuralGas
            This model.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        return self._set_request("score", sample_weight)

    def _set_request(self, method: str, sample_weight: bool | str | None) -> Self:
        """Keep the request for `sample_weight` of a method."""
        request = self.get_metadata_routing()
        getattr(request, method).add_request(param="sample_weight", alias=sample_weight)
        self._metadata_request = request  # the name that scikit-learn's clone copies
        return self

    def get_metadata_routing(self) -> Any:
        """Return what `set_fit_request`, `set_partial_fit_request` and `set_score_request` asked for.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
            A copy.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        if hasattr(self, "_metadata_request"):
            return copy.deepcopy(self._metadata_request)
        routing = need("sklearn.utils.metadata_routing", "metadata routing")
        request = routing.MetadataRequest(owner=type(self).__name__)
        request.fit.add_request(param="sample_weight", alias=None)
        request.partial_fit.add_request(param="sample_weight", alias=None)
        request.score.add_request(param="sample_weight", alias=None)
        return request

    # ---- columns -----------------------------------------------------------------------------------------------------

    def _check_columns(self, state: TrainingState, X: Data, n_features: int) -> None:
        """Compare the columns of X, a table of n_features columns, with those that the model was fitted on."""
        kind = type(self).__name__
        fitted, n_fitted = state.feature_names, state.network.n_features
        names = feature_names(X)
        if names is not None and fitted is not None:
            if names.tolist() != fitted.tolist():
                raise ValueError(
                    "The feature names should match those that were passed during fit: expected "
                    f"{', '.join(fitted)}, got {', '.join(names)}"
                )
        elif names is not None:
            warnings.warn(f"X has feature names, but {kind} was fitted without feature names", stacklevel=5)
        elif fitted is not None:
            warnings.warn(
                f"X does not have valid feature names, but {kind} was fitted with feature names", stacklevel=5
            )
        if n_features != n_fitted:
            raise ValueError(f"X has {n_features} features, but {kind} is expecting {n_fitted} features as input")

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> NDArray[np.object_]:
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
        network = self._fitted_state("get_feature_names_out").network
        if input_features is not None and len(input_features) != network.n_features:
            raise ValueError(
                f"input_features should have length equal to number of features ({network.n_features}), "
                f"got {len(input_features)}"
            )
        return self._names_of_nodes(network.n_nodes)

    def _names_of_nodes(self, n_nodes: int) -> NDArray[np.object_]:
        """The names of the columns of `transform`."""
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{node}" for node in range(n_nodes)], dtype=object)

    def set_output(self, *, transform: Literal["default", "pandas", "polars"] | None = None) -> Self:
        """Choose what `transform` and `fit_transform` return.

        Parameters
        ----------
        transform : "default", "pandas", "polars" or None
            An array, or a data frame with the columns of `get_feature_names_out`. None changes nothing.

        Returns
        -------
        GrowingNeuralGas
            This model.

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

    def _in_container(self, values: NDArray[Any], X: Data) -> Any:
        """What `transform` of X returns for these values: as `set_output` or scikit-learn's configuration asks."""
        chosen = getattr(self, "_sklearn_output_config", {}).get("transform")
        if chosen is None:
            sklearn = sys.modules.get("sklearn")  # not imported: nobody can have configured it
            chosen = sklearn.get_config()["transform_output"] if sklearn else "default"
        if chosen == "default":
            return values
        output = _output_class()(values, self._names_of_nodes(values.shape[1]))
        return output.set_output(transform=chosen).transform(X)


@cache
def _output_class() -> Any:
    """A transformer of scikit-learn's whose result is there already, for scikit-learn to put into a container."""
    base = need("sklearn.base", "set_output")

    class Output(base.TransformerMixin, base.BaseEstimator):  # type: ignore[name-defined, misc] # it has no types
        def __init__(self, values: NDArray[Any], names: NDArray[np.object_]):
            self.values = values
            self.names = names

        def transform(self, X: Data) -> NDArray[Any]:
            return self.values

        def get_feature_names_out(self, input_features: None = None) -> NDArray[np.object_]:
            return self.names

    return Output
