//! Pages of the administration: how the server is doing.
