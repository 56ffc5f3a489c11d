//! What is done to every request of the app and the API.

mod client_address;
mod csrf;
mod headers;
mod page;
mod panics;
mod requests;

pub use self::{
    client_address::client_address,
    csrf::same_origin,
    headers::security_headers,
    page::know_visitor,
    panics::panics,
    requests::{request_ids, trace},
};
