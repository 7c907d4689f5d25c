//! English.

use super::{Texts, activity, admin, api_docs, doctor, not_me, recovery, two_factor};

/// All words in English.
pub static TEXTS: Texts = Texts {
    skip_to_content: "Skip to content",
    language: "Language",
    privacy: "Privacy",
    terms: "Terms",
    help: "Help",
    sign_out: "Sign out",
    show_password: "Show password",
    hide_password: "Hide password",
    errors_heading: "Please check these fields:",
    optional: "optional",
    passwords_match: "Both passwords match.",
    please_wait: "One moment…",

    name: "Name",
    username: "User name",
    email: "Email address",
    password: "Password",
    current_password: "Current password",
    new_password: "New password",
    confirm_password: "Repeat the password",
    password_hint: |min| format!("At least {min} characters. A few words that only you would put together work well."),
    name_hint: "How others will see you.",

    login_heading: "Sign in",
    login_button: "Sign in",
    no_account_yet: "New here?",
    create_account: "Create an account",
    wrong_credentials: "That email address and password do not match. Please try again.",
    email_not_verified: "Please confirm your email address first: open the link in the message we sent you.",
    too_many_attempts: |wait| format!("Too many attempts. Please try again in {wait}."),
    busy_text: "The server has a lot to do right now. Please try again in a few seconds.",
    cookie_dropped: |here| {
        format!(
            "Your browser did not keep the sign-in cookie. It only does so on a secure (https) connection, and this page was opened at {here}."
        )
    },
    cookie_fix_open: "Open the secure address instead:",
    cookie_fix_configure: |setting| {
        format!("Or, if you run this server and want plain http, set {setting} and start it again.")
    },
    form_expired: "This form was open for too long. Please send it once more.",
    missing_fields: "Please enter your email address and your password.",
    email_login_off: "Signing in with an email address is switched off on this server.",
    registered: "Your account is ready. You can sign in now.",
    logged_out: "You are signed out.",
    sign_in_again: "Your session has ended. Please sign in again.",
    account_deleted: "Your account and everything stored with it are gone.",
    password_changed_sign_in: "Your password was changed. Please sign in with the new one.",

    register_heading: "Create an account",
    register_button: "Create account",
    have_account: "Already have an account?",
    registration_closed_heading: "Registration is closed",
    registration_closed: "New accounts are made by the person who runs this server. Ask them to create one for you.",
    too_many_registrations: |wait| format!("Too many new accounts from your network. Please try again in {wait}."),
    registration: &super::registration::EN,
    access: &super::access::EN,
    guest: &super::guest::EN,
    api_keys: &super::api_keys::EN,
    connections: &super::connections::EN,
    federation: &super::federation::EN,

    setup_heading: "Welcome. Let’s set things up.",
    setup_intro: "The first account is the administrator’s. It can do everything on this server, so give it a good password.",
    setup_registration: "Let other people create their own accounts",
    setup_registration_hint: "You can change this later in the configuration.",
    setup_button: "Create administrator",
    setup_pending_heading: "Almost ready",
    setup_pending: "This server is waiting for its administrator. If that is you, open the set-up link that was printed when the server started.",
    setup_bad_link_heading: "This link no longer works",
    setup_bad_link: "A set-up link is valid for one hour and can be used once.",
    setup_new_link: "For a new link, run this on the server:",

    account_title: "Your account",
    profile: "Profile",
    role_label: "Role",
    role_user: "Member",
    role_admin: "Administrator",
    role_auditor: "Auditor",
    member_since: "Member since",
    change_name: "Change name",
    change_password: "Change password",
    password_effect: "You will be signed out everywhere else.",
    save_name: "Save name",
    save_password: "Save password",
    sessions: "Where you are signed in",
    sessions_intro: "End any session that you do not recognise, then change your password.",
    you_appear_as: |address| format!("You appear as {address}, connected directly."),
    you_appear_through: |address, proxy, by| format!("You appear as {address}, through {proxy}, by {by}."),
    proxy_ignored: |peer, header| {
        format!(
            "{peer} sends {header}, which is ignored: everybody who comes that way shares one address. If that is your \
             reverse proxy, write this below [server] in librechat-auth.toml and restart:"
        )
    },
    this_device: "This device",
    address: "Address",
    method: "Signed in with",
    method_password: "Password",
    method_passkey: "Passkey",
    method_ldap: "Directory account",
    method_code: "code",
    method_backup_code: "backup code",
    method_trusted_device: "trusted device",
    signed_in: "Signed in",
    last_used: "Last used",
    end_session: "End",
    end_session_of: |device| format!("End the session: {device}"),
    end_others: "End all other sessions",
    end_others_confirm: "End all sessions except this one?",
    delete_account: "Delete account",
    delete_effect: "Your account and all your sessions will be removed at once, and you cannot undo this. For a few days, the people who run this site may be able to bring it back.",
    delete_open: "Delete my account…",
    delete_button: "Delete for good",
    delete_confirm: "Delete your account for good?",
    notices: "Please read",
    dismiss: "Got it",
    notice_refresh_reused: |at, detail| {
        let from = if detail.is_empty() {
            String::new()
        } else {
            format!(" ({detail})")
        };
        format!(
            "On {at} someone used an old copy of your sign-in token{from}. To be safe, that session was ended. If you do not know why, change your password."
        )
    },
    notice_password_reset: |at| {
        format!("On {at} an administrator set a new password for you. You may want to change it.")
    },
    name_saved: "Your name was saved.",
    password_changed: "Your password was changed. All your other sessions were ended.",
    told_by_mail: "We have also told you so by email.",
    session_ended: "The session was ended.",
    others_ended: |count| match count {
        0 => "There were no other sessions.".to_owned(),
        1 => "One other session was ended.".to_owned(),
        _ => format!("{count} other sessions were ended."),
    },

    error_missing: "Please fill this in.",
    error_too_short: |min| format!("Please use at least {min} characters."),
    error_too_long: |max| format!("Please use at most {max} characters."),
    error_bad_characters: "Some of these characters cannot be used here.",
    error_bad_email: "Please enter a complete address, like name@example.org.",
    error_email_not_allowed: "This address cannot be used here. Please use a different one.",
    error_email_taken: "There is already an account with this address.",
    error_password_too_common: "This is one of the passwords that get guessed first. Please choose another.",
    error_passwords_differ: "The two passwords are not the same.",
    error_wrong_password: "This is not your current password.",
    last_admin: "You are the last administrator. Make somebody else administrator first, then delete this account.",

    error_status: |status| format!("Error {status}"),
    bad_request_heading: "That did not work",
    bad_request_text: "The server could not make sense of this request. Go back and try again.",
    forbidden_heading: "Not allowed",
    forbidden_text: "You do not have permission to do this.",
    cross_site_heading: "Please use the right address",
    cross_site_text: |here| {
        format!(
            "For your safety, forms are only accepted from the address of this server, and this one came from {here}. Open the page here and try again:"
        )
    },
    not_found_heading: "Page not found",
    not_found_text: "There is nothing at this address. The link may be old, or it may have a typing mistake.",
    too_many_heading: "A little slower, please",
    too_many_requests: |wait| format!("There were too many requests from your network. Please try again in {wait}."),
    busy_heading: "Busy right now",
    internal_heading: "Something went wrong",
    internal_text: "This is our fault, not yours. Please try again in a moment.",
    reference: "If you report this, mention:",
    banned_heading: "Access suspended",
    banned_text: "Your account or your network address has been suspended after repeated violations of the rules.",
    banned_until: "The suspension ends on",
    banned_for_good: "The suspension does not end by itself.",
    banned_ask: "If you think this is a mistake, ask:",
    banned_ask_admin: "If you think this is a mistake, ask the administrator of this site.",
    back_home: "Back to the start",

    device_on: |browser, system| format!("{browser} on {system}"),
    unknown_device: "Unknown device",
    seconds: |count| {
        if count == 1 {
            "1 second".to_owned()
        } else {
            format!("{count} seconds")
        }
    },
    minutes: |count| {
        if count == 1 {
            "1 minute".to_owned()
        } else {
            format!("{count} minutes")
        }
    },
    hours: |count| {
        if count == 1 {
            "1 hour".to_owned()
        } else {
            format!("{count} hours")
        }
    },
    days: |count| {
        if count == 1 {
            "1 day".to_owned()
        } else {
            format!("{count} days")
        }
    },
    months: [
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
    ],
    date_time: |day, month, year, hour, minute| format!("{day} {month} {year}, {hour:02}:{minute:02} UTC"),

    activity: &activity::EN,
    admin: &admin::EN,
    api_docs: &api_docs::EN,
    doctor: &doctor::EN,
    not_me: &not_me::EN,
    recovery: recovery::EN,
    two_factor: &two_factor::EN,
};
