//! Views of the administration: letters and the mail service.
