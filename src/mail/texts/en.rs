//! English. The subjects of letters that LibreChat sends too are LibreChat's.

use super::{Wording, Words, nothing, parts};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// All words in English.
pub static WORDS: Words = Words {
    hello: "Hello,",
    hello_to: |name| format!("Hello {name},"),
    footer: |site| format!("{site} sent this letter automatically. Please do not reply."),
    colon: ":",
    link_below: "If the button does not work, copy this address into your browser:",
    works_once: |minutes| format!("The link works once, within {minutes} minutes."),
    works_until: |moment| format!("The link works until {moment}."),
    moment: |at| {
        let (day, month, year, hour, minute) = parts(at);
        format!("{day} {} {year}, {hour:02}:{minute:02} UTC", MONTHS[month - 1])
    },

    when: "When",
    device: "Device",
    provider: "Provider",
    address: "Network address",
    name: "Name",
    email: "Email address",
    until: "Until",
    device_on: |browser, system| format!("{browser} on {system}"),
    unknown_device: "Unknown device",
    not_me: "This was not me",
    not_me_note: |days| {
        format!(
            "If it was you, there is nothing to do. If not, use the button: it ends every session of your account and \
             asks for a new password. It works once, within {days} days."
        )
    },
    forgotten: "Forgot your password? Choose a new one",

    verify: Wording {
        subject: |_| "Verify your email".to_owned(),
        text: |site, _| format!("Welcome to {site}. Please confirm that this email address is yours."),
        button: "Confirm this address",
        note: |site| format!("If you did not create an account at {site}, ignore this letter: nothing will happen."),
    },
    reset: Wording {
        subject: |_| "Password Reset Request".to_owned(),
        text: |site, _| format!("Somebody, probably you, asked for a new password for your account at {site}."),
        button: "Choose a new password",
        note: |_| "If it was not you, ignore this letter: your password stays as it is.".to_owned(),
    },
    reset_by_admin: Wording {
        subject: |_| "Choose a new password".to_owned(),
        text: |site, _| {
            format!(
                "An administrator of {site} sends you this link. With it you choose a new password for your account."
            )
        },
        button: "Choose a new password",
        note: |_| {
            "It works once. If you did not ask for help, you can ignore this letter: your password stays as it is."
                .to_owned()
        },
    },
    was_reset: Wording {
        subject: |_| "Password Reset Successfully".to_owned(),
        text: |site, _| {
            format!(
                "Your account at {site} has a new password. It was set with a reset link, and every session was ended."
            )
        },
        button: "",
        note: nothing,
    },
    has_account: Wording {
        subject: |_| "You already have an account".to_owned(),
        text: |site, _| {
            format!(
                "Somebody, probably you, tried to create an account at {site} with this email address. There is one \
                 already, so no other was made. You can simply sign in."
            )
        },
        button: "Sign in",
        note: |_| "If it was not you, ignore this letter: whoever tried has learned nothing.".to_owned(),
    },
    invitation: Wording {
        subject: |site| format!("Invite to join {site}!"),
        text: |site, _| format!("You are invited to join {site}."),
        button: "Create your account",
        note: |_| "If you do not know what this is about, ignore this letter.".to_owned(),
    },
    invitation_from: Wording {
        subject: |site| format!("Invite to join {site}!"),
        text: |site, who| format!("{who} invites you to join {site}."),
        button: "Create your account",
        note: |_| "If you do not know what this is about, ignore this letter.".to_owned(),
    },
    waiting: Wording {
        subject: |_| "Your account is waiting for approval".to_owned(),
        text: |site, _| {
            format!(
                "Your account at {site} was created. Somebody who runs the site still has to let you in; you will get a \
                 letter as soon as that has happened."
            )
        },
        button: "",
        note: nothing,
    },
    wanted: Wording {
        subject: |site| format!("Somebody is waiting to join {site}"),
        text: |site, _| format!("Somebody created an account at {site} and waits for an administrator to approve it."),
        button: "",
        note: |_| "You get this letter because you are an administrator.".to_owned(),
    },
    approved: Wording {
        subject: |site| format!("Welcome to {site}"),
        text: |site, _| format!("Your account at {site} was approved. You can sign in now."),
        button: "Sign in",
        note: nothing,
    },
    rejected: Wording {
        subject: |_| "Your account was not approved".to_owned(),
        text: |site, _| {
            format!("The people who run {site} did not approve your account, so you cannot sign in with it.")
        },
        button: "",
        note: |_| "If you think that this is a mistake, please ask them.".to_owned(),
    },
    leave: Wording {
        subject: |_| "Confirm the change of your email address".to_owned(),
        text: |site, new| {
            format!(
                "Somebody who is signed in to your account at {site} wants to replace this email address with {new}. \
                 Please confirm that it was you. A letter to the new address asks for the same."
            )
        },
        button: "Confirm the change",
        note: |_| "If it was not you, do not confirm, and change your password.".to_owned(),
    },
    join: Wording {
        subject: |_| "Confirm your new email address".to_owned(),
        text: |site, _| {
            format!(
                "This email address is to become the address of an account at {site}. Please confirm that it is yours."
            )
        },
        button: "Confirm this address",
        note: |_| "If you did not ask for this, ignore this letter: nothing will happen.".to_owned(),
    },
    address_changed: Wording {
        subject: |_| "Your email address was changed".to_owned(),
        text: |site, new| {
            format!("The email address of your account at {site} is now {new}. Letters go there from now on.")
        },
        button: "",
        note: |site| format!("If it was not you, tell the people who run {site} at once."),
    },
    new_device: Wording {
        subject: |_| "New sign-in to your account".to_owned(),
        text: |site, _| {
            format!("Somebody signed in to your account at {site} from a device that we had not seen before.")
        },
        button: "",
        note: nothing,
    },
    changed: Wording {
        subject: |_| "Your password was changed".to_owned(),
        text: |site, _| format!("The password of your account at {site} was changed."),
        button: "",
        note: nothing,
    },
    factor_on: Wording {
        subject: |_| "Two-factor sign-in is on".to_owned(),
        text: |site, _| format!("From now on, signing in to your account at {site} also needs a code from your app."),
        button: "",
        note: nothing,
    },
    factor_off: Wording {
        subject: |_| "Two-factor sign-in is off".to_owned(),
        text: |site, _| format!("Signing in to your account at {site} needs no code any more, only the password."),
        button: "",
        note: nothing,
    },
    codes: Wording {
        subject: |_| "New backup codes".to_owned(),
        text: |site, _| format!("New backup codes were made for your account at {site}. The old ones no longer work."),
        button: "",
        note: nothing,
    },
    connected: Wording {
        subject: |_| "A way to sign in was connected".to_owned(),
        text: |site, _| format!("From now on whoever signs in at this provider comes into your account at {site}."),
        button: "",
        note: nothing,
    },
    disconnected: Wording {
        subject: |_| "A way to sign in was disconnected".to_owned(),
        text: |site, _| {
            format!(
                "Nobody comes into your account at {site} through this provider any more. Other sessions were ended."
            )
        },
        button: "",
        note: nothing,
    },
    recovered: Wording {
        subject: |_| "An account was recovered".to_owned(),
        text: |site, who| format!("At {site}, the account {who} was given a way back in by an administrator."),
        button: "",
        note: |_| "You get this letter because you are an administrator too.".to_owned(),
    },
    recovered_by_console: Wording {
        subject: |_| "An account was recovered".to_owned(),
        text: |site, who| {
            format!("At {site}, the account {who} was given a way back in from the command line of the server.")
        },
        button: "",
        note: |_| {
            "You get this letter because you are an administrator too. If nobody you know did this, look at the server."
                .to_owned()
        },
    },
    audit_head: Wording {
        subject: |site| format!("Audit log of {site}"),
        text: |_, _| {
            "This is the signed head of the audit log. Keep this letter: with it, `librechat-auth audit verify --head FILE` \
             finds out whether somebody changed or cut the log later."
                .to_owned()
        },
        button: "",
        note: |_| "You get this letter because you are an administrator.".to_owned(),
    },
    access_ends: Wording {
        subject: |site| format!("Your access to {site} will end"),
        text: |site, _| {
            format!(
                "Your account at {site} was made for a limited time. From then on nobody can sign in with it, and whoever is \
                 signed in is signed out."
            )
        },
        button: "",
        note: |_| "If you need it for longer, ask the people who run the site in time.".to_owned(),
    },
    deleted: Wording {
        subject: |_| "Your account was deleted".to_owned(),
        text: |site, _| {
            format!(
                "Your account at {site} was deleted by somebody who was signed in to it. Until then the people who run the \
                 site can bring it back; afterwards it is gone for good."
            )
        },
        button: "",
        note: |site| format!("If it was not you, tell the people who run {site} at once."),
    },
    deleted_for_good: Wording {
        subject: |_| "Your account was deleted".to_owned(),
        text: |site, _| format!("Your account at {site} was deleted for good by somebody who was signed in to it."),
        button: "",
        note: |site| format!("If it was not you, tell the people who run {site} at once."),
    },
    test: Wording {
        subject: |site| format!("Test letter from {site}"),
        text: |site, _| format!("If you can read this, {site} can send mail."),
        button: "",
        note: nothing,
    },
};
