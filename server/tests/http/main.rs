//! The server's addresses, asked as clients ask them.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests, all of it")]

mod support;

mod admin;
mod album_page;
mod albums;
mod api_admin;
mod api_auth;
mod archive;
mod audit;
mod authenticators;
mod bulk;
mod by_mail;
mod caller;
mod challenge;
mod client;
mod compat;
mod compression;
mod csrf;
mod delete_page;
mod details;
mod devices;
mod enrolment;
mod export;
mod file_names;
mod fresh_code;
mod guests;
mod image;
mod image_ranges;
mod image_variants;
mod import;
mod import_races;
mod library;
mod library_functions;
mod mailed_code;
mod oembed;
mod oidc;
mod outage;
mod pages;
mod profiles;
mod program;
mod public_page;
mod routes;
mod session;
mod shortcut;
mod sign_in;
mod site;
mod statistics;
mod sweep;
mod tags;
mod tokens;
mod upload;
mod upload_broken;
mod upload_by_address;
mod upload_once;
mod versions;
mod views;
mod visibility;
mod wire;
