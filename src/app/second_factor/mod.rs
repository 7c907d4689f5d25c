//! The second factor: how it is set up, asked for, and taken away. For doors and pages:
//!
//! | what | how |
//! |---|---|
//! | a login that is not done yet | [`App::login`] answers with [`Entry::SecondFactor`] or [`Entry::Enrolment`] and a ticket |
//! | who holds a ticket, for limits and greetings | [`App::ticket_account`] |
//! | the code at login | [`App::complete_login`], with `trust` if the device shall not be asked again |
//! | setting it up because one must | [`App::begin_set_up`], [`App::pending_set_up`], [`App::confirm_set_up`], [`App::acknowledge_set_up`], [`App::finalize_set_up`] |
//! | setting it up, signed in | [`App::begin_enrolment`], [`App::pending_enrolment`], [`App::verify_enrolment`], [`App::confirm_enrolment`] |
//! | taking it away, new backup codes | [`App::disable_second_factor`], [`App::regenerate_backup_codes`] |
//! | how it stands | [`App::second_factor_status`] |
//! | a session without it that needs it | [`App::step_up`] |
//! | trusted devices | [`App::trusted_devices`], [`App::distrust_device`], [`App::distrust_all_devices`] |
//! | on an admin's word | [`App::reset_second_factor`], [`App::demand_second_factor`] |
//!
//! Signed-in doors never see an account that has to enrol first: [`App::identify_page`] and [`App::identify_bearer`] refuse
//! with [`Refusal::EnrolmentDue`], which carries a ticket for [`App::begin_set_up`].
//!
//! Whatever is asked for a code passes through `examine`: the answer is compared outside of any transaction, and counted,
//! used up and acted upon inside one.
//!
//! [`Entry::SecondFactor`]: super::admit::Entry::SecondFactor
//! [`Entry::Enrolment`]: super::admit::Entry::Enrolment
//! [`Refusal::EnrolmentDue`]: crate::domain::refusal::Refusal::EnrolmentDue
//! [`App`]: super::App
//! [`App::login`]: super::App::login
//! [`App::ticket_account`]: super::App::ticket_account
//! [`App::complete_login`]: super::App::complete_login
//! [`App::begin_set_up`]: super::App::begin_set_up
//! [`App::pending_set_up`]: super::App::pending_set_up
//! [`App::confirm_set_up`]: super::App::confirm_set_up
//! [`App::acknowledge_set_up`]: super::App::acknowledge_set_up
//! [`App::finalize_set_up`]: super::App::finalize_set_up
//! [`App::begin_enrolment`]: super::App::begin_enrolment
//! [`App::pending_enrolment`]: super::App::pending_enrolment
//! [`App::verify_enrolment`]: super::App::verify_enrolment
//! [`App::confirm_enrolment`]: super::App::confirm_enrolment
//! [`App::disable_second_factor`]: super::App::disable_second_factor
//! [`App::regenerate_backup_codes`]: super::App::regenerate_backup_codes
//! [`App::second_factor_status`]: super::App::second_factor_status
//! [`App::step_up`]: super::App::step_up
//! [`App::trusted_devices`]: super::App::trusted_devices
//! [`App::distrust_device`]: super::App::distrust_device
//! [`App::distrust_all_devices`]: super::App::distrust_all_devices
//! [`App::reset_second_factor`]: super::App::reset_second_factor
//! [`App::demand_second_factor`]: super::App::demand_second_factor
//! [`App::identify_page`]: super::App::identify_page
//! [`App::identify_bearer`]: super::App::identify_bearer

pub(super) mod allowance;
pub mod change;
mod duty;
pub mod enrol;
mod examine;
pub mod login;
pub mod pairing;
pub mod set_up;
pub mod step_up;
mod tickets;
pub mod trust;
