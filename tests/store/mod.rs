//! The store from outside: every table function, the promises of reads and writes, migrations, snapshots.

mod audit;
mod audit_people;
mod directory;
mod groups;
mod guesses;
mod kit;
mod reading;
mod remembered;
mod schema;
mod session_list;
mod snapshots;
mod tables;
mod trash;
mod writing;
