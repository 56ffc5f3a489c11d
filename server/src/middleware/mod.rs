//! What is done to every request of the app and the API.

mod client;
mod csrf;
mod deadline;
mod functions;
mod headers;
mod page;
mod panics;
mod rate_limit;
mod read_on;
mod requests;

pub use self::{
    client::{client, introduce},
    csrf::{is_from_elsewhere, same_origin},
    deadline::deadline,
    functions::function_status,
    headers::{HSTS, security_headers},
    page::know_visitor,
    panics::panics,
    rate_limit::{Counted, rate_limit},
    read_on::read_on,
    requests::{request_ids, trace},
};
