//! Pages of the administration: letters and the mail service.
