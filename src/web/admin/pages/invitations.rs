//! Pages of the administration: invitations and accounts that wait.
