//! The process: command line, configuration, router.
