//! What takes several requests, several browsers or several days.

mod audit;
mod fixation;
mod load;
mod new_devices;
mod proxies;
mod revocation;
mod rotation;
mod set_up;
mod vanished;
