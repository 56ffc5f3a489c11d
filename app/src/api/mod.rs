//! The typed door between browser and server: who asks, call the core, answer.
