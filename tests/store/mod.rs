//! The store from outside: every table function, the writer's promises, migrations, snapshots.

mod kit;
mod tables;
