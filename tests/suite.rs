//! The integration tests, one binary: it links once, and its tests share the machine's cores.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod api;
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod approval;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod config;
#[cfg(test)]
mod doctor;
mod durability;
#[cfg(test)]
mod federation;
#[cfg(test)]
mod forward_auth;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod moderation;
#[cfg(test)]
mod moderation_cli;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod service;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod two_factor;
