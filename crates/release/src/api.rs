//! The platform's API as compiled: operations with plans, and those without.

use std::sync::Arc;

use decide::PersonNo;

use crate::error::{LoadErrors, RequestRefused};
use crate::load;
use crate::operation::Operation;
use crate::parameter::{Segment, matches};
use crate::request::{Call, Prepared};
use crate::write::Wanted;

/// A platform's API, compiled from its OpenAPI document and an overlay.
#[derive(Debug)]
pub struct Api {
    pub(crate) operations: Vec<Arc<Operation>>,
    pub(crate) unmapped: Vec<Unmapped>,
    /// Every operation of the document, mapped or not: a path that belongs to one without a plan must not be taken for
    /// a value of another's parameter.
    pub(crate) declared: Vec<Declared>,
}

/// An operation of the document, for routing.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) method: String,
    pub(crate) template: Vec<Segment>,
    /// Index into [`Api::operations`].
    pub(crate) operation: Option<usize>,
}

/// An operation that the document declares and no annotation maps: requests to it are refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unmapped {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its templates, as the document writes it.
    pub path: String,
    /// The document's `operationId`, if any.
    pub id: Option<String>,
}

/// The person who connected the partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The platform's own id of them.
    pub id: String,
    /// Their number.
    pub no: PersonNo,
}

/// Where a request leads.
#[derive(Clone, Debug)]
pub enum Routed {
    /// To an operation with a plan.
    Mapped(Route),
    /// To one without, or to none at all. To a partner the two are the same.
    Unmapped,
}

/// An operation, with the values of its path parameters.
#[derive(Clone, Debug)]
pub struct Route {
    pub(crate) operation: Arc<Operation>,
    /// Decoded, in the order of the operation's path parameters.
    pub(crate) values: Vec<String>,
}

impl Api {
    /// Compiles a document (OpenAPI 3.0 or 3.1, JSON or YAML) with an overlay (OpenAPI Overlay 1.0 or 1.1).
    ///
    /// # Errors
    /// Every mistake that was found, not the first.
    pub fn load(
        document: &[u8],
        document_name: &str,
        overlay: &[u8],
        overlay_name: &str,
    ) -> Result<Api, LoadErrors> {
        load::load(document, document_name, overlay, overlay_name)
    }

    /// All operations with plans, in the document's order.
    #[must_use]
    pub fn operations(&self) -> &[Arc<Operation>] {
        &self.operations
    }

    /// All operations without.
    #[must_use]
    pub fn unmapped(&self) -> &[Unmapped] {
        &self.unmapped
    }

    /// The operation that a request means. `path` is as it was sent, without the query.
    #[must_use]
    pub fn route(&self, method: &str, path: &str) -> Routed {
        let found = self.declared(method, path).and_then(|(declared, values)| {
            let operation = self.operations.get(declared.operation?)?;
            Some(Route {
                operation: Arc::clone(operation),
                values,
            })
        });
        found.map_or(Routed::Unmapped, Routed::Mapped)
    }
}

impl Api {
    /// The operation with a plan that a request means, if there is one: [`Api::route`] without the path's values.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let (declared, _) = self.declared(method, path)?;
        self.operations.get(declared.operation?).map(|it| &**it)
    }

    /// As OpenAPI has it, a path that is written out goes before one with parameters.
    fn declared(&self, method: &str, path: &str) -> Option<(&Declared, Vec<String>)> {
        let is_parameter = |segment: &Segment| matches!(segment, Segment::Parameter(_));
        let fitting = self
            .declared
            .iter()
            .filter_map(|declared| Some((declared, matches(&declared.template, path)?)));
        let best = fitting.min_by_key(|(declared, _)| {
            let shape: Vec<bool> = declared.template.iter().map(is_parameter).collect();
            (shape, declared.method != method)
        });
        best.filter(|(declared, _)| declared.method == method)
    }
}

impl Route {
    /// Which operation.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        &self.operation
    }

    /// Checks the request's parameters and says what to ask the platform. For reads.
    ///
    /// # Errors
    /// A parameter that the plan does not name, or one with a value that cannot be accepted.
    pub fn prepare(&self, call: &Call<'_>) -> Result<Prepared, RequestRefused> {
        crate::request::prepare(self, call)
    }

    /// Checks the request's parameters and body and says whom a write, delete or import is about, as far as the request
    /// names them. `resolve` turns the platform's id of a person into their number.
    ///
    /// # Errors
    /// As [`Route::prepare`].
    pub fn want(
        &self,
        call: &Call<'_>,
        resolve: &dyn Fn(&str) -> Option<PersonNo>,
    ) -> Result<Wanted, RequestRefused> {
        Wanted::read(self, call, resolve)
    }
}
