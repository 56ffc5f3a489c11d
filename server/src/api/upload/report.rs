//! What is answered to an upload.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::{Problem, types::ImageId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    api::{fetched::Reason, images::LinkedImage},
    problem::Refusal,
};

/// One file that was taken. Whoever sends it may also delete it.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Taken {
    #[serde(flatten)]
    pub(in crate::api) image: LinkedImage,
    /// Whether the same bytes were there before: this is their image, and nothing was stored.
    pub(in crate::api) existing: bool,
    /// Others that show the same in other bytes, to who may read.
    pub(in crate::api) similar: Vec<LinkedImage>,
    /// Not of an image that was there before, to who may not delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::api) delete_url: Option<String>,
}

/// One file that was not taken.
#[derive(Debug, Serialize)]
struct Failure {
    filename: String,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    problem: Reason,
}

/// What became of the files, in the order sent.
#[derive(Debug, Default, Serialize)]
pub(in crate::api) struct Report {
    images: Vec<Taken>,
    errors: Vec<Failure>,
}

impl Report {
    pub(in crate::api) fn taken(&mut self, image: Taken) {
        self.images.push(image);
    }

    pub(in crate::api) fn failed(&mut self, filename: String, problem: impl Into<Reason>) {
        let problem = problem.into();
        let (code, detail, limit) = (problem.code(), problem.to_string(), problem.limit());
        self.errors.push(Failure { filename, code, detail, limit, problem });
    }

    pub(in crate::api) fn ids(&self) -> Vec<ImageId> {
        self.images.iter().map(|taken| taken.image.id()).collect()
    }

    /// Whether sending the same again would come to the same: something was taken, and nothing failed for a reason
    /// that passes.
    pub(in crate::api) fn is_final(&self) -> bool {
        !self.images.is_empty() && !self.errors.iter().any(|failure| failure.problem.passes())
    }

    /// 201 where all files were taken (200 where each of them was there before), 207 where some were; none where
    /// none was.
    pub(in crate::api) fn status(&self) -> Option<StatusCode> {
        match (self.images.is_empty(), self.errors.is_empty()) {
            (true, _) => None,
            (false, false) => Some(StatusCode::MULTI_STATUS),
            (false, true) if self.images.iter().all(|taken| taken.existing) => Some(StatusCode::OK),
            (false, true) => Some(StatusCode::CREATED),
        }
    }

    /// The answer; where no file was taken, that is the first failure.
    pub(in crate::api) fn into_response(self) -> Response {
        if let Some(status) = self.status() {
            return (status, Json(self)).into_response();
        }
        let Some(first) = self.errors.first().map(|failure| failure.problem.clone()) else {
            return Refusal(Problem::NoFile).into_response();
        };
        let mut more = Map::new();
        more.insert("images".into(), Value::Array(Vec::new()));
        more.insert("errors".into(), serde_json::to_value(&self.errors).unwrap_or_default());
        first.into_response(more)
    }
}
