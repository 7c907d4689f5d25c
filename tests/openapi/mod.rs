//! The description of the API: it fits the routes, the answers fit it, and people can read it.

mod description;
mod page;
mod tried;
