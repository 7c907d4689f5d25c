//! Pages of the administration: logins with other providers.
