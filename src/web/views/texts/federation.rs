//! Words about logging in with other providers.

use crate::domain::federation::denial::Denial;

table! {
    /// Words about other providers. Functions take the provider's name.
    FederationTexts {
        continue_with: fn(&str) -> String,
        or_this_way: &'static str,
        other_provider: &'static str,
        no_provider: &'static str,
        provider_down: fn(&str) -> String,
        cancelled: &'static str,
        bad_answer: fn(&str) -> String,
        attempt_over: &'static str,
        login_off: fn(&str) -> String,
        sign_up_off: fn(&str) -> String,
        connect_off: fn(&str) -> String,
        domain: &'static str,
        email_unproved: fn(&str) -> String,
        email_missing: fn(&str) -> String,
        account_exists: fn(&str) -> String,
        connected_elsewhere: fn(&str) -> String,
        other_person: fn(&str) -> String,
        locked: &'static str,
        waiting: &'static str,
        over: &'static str,
        role_missing: fn(&str) -> String,
        banned: &'static str,
        too_many: &'static str,
        busy: &'static str,

        connect_heading: fn(&str) -> String,
        connect_question: fn(&str, &str) -> String,
        connect_consequence: fn(&str) -> String,
        connect_button: &'static str,
        connect_decline: &'static str,
        connected_heading: &'static str,
        connected: fn(&str) -> String,
        nothing_heading: &'static str,
        nothing: &'static str,
        to_account: &'static str,

        signed_out_here: &'static str,
        sign_out_there: fn(&str) -> String,
        going_on: fn(&str) -> String,
        go_on: fn(&str) -> String,
        stay_here: &'static str,
    }
}

/// In English.
pub static EN: FederationTexts = FederationTexts {
    continue_with: |name| format!("Continue with {name}"),
    or_this_way: "or",
    other_provider: "the other provider",
    no_provider: "This way of signing in does not exist here.",
    provider_down: |name| format!("{name} does not answer at the moment. Please try again in a minute."),
    cancelled: "You did not finish signing in. Try again, or choose another way.",
    bad_answer: |name| {
        format!("Signing in with {name} did not work. If it keeps failing, tell the administrator the number below.")
    },
    attempt_over: "This attempt took too long or was finished already. Please start again.",
    login_off: |name| format!("Nobody signs in with {name} here."),
    sign_up_off: |name| {
        format!("There is no account for you yet, and {name} cannot make one. Ask the administrator for an invitation.")
    },
    connect_off: |name| format!("{name} cannot be connected to accounts here."),
    domain: "Only people with certain e-mail addresses may sign in here, and yours is not one of them.",
    email_unproved: |name| {
        format!("{name} says that your e-mail address is not confirmed. Confirm it there, then try again.")
    },
    email_missing: |name| {
        format!("{name} did not tell us your e-mail address, and an account needs one. Allow it there, then try again.")
    },
    account_exists: |name| {
        format!("You already have an account with this e-mail address. Sign in the old way once to connect {name}.")
    },
    connected_elsewhere: |name| format!("Your identity at {name} is connected to another account already."),
    other_person: |name| {
        format!("At {name} you are signed in as somebody else. Sign in there as who is connected to this account.")
    },
    locked: "Your account is locked. Please ask the administrator.",
    waiting: "Your account has been made. It waits until an administrator lets you in.",
    over: "Your access to this site has ended. If you need it for longer, ask the people who run it.",
    role_missing: |name| {
        format!(
            "You are known, but not allowed in: {name} does not give you the role that is needed here. Please ask the \
             administrator."
        )
    },
    banned: "You cannot sign in at the moment because of too many violations.",
    too_many: "Too many attempts to sign in. Please wait a few minutes.",
    busy: "The server has too much to do at the moment. Please try again.",

    connect_heading: |name| format!("Connect {name}?"),
    connect_question: |name, called| {
        if called.is_empty() {
            format!("You have just come from {name}. Connect it to your account?")
        } else {
            format!("You have just come from {name} as {called}. Connect it to your account?")
        }
    },
    connect_consequence: |name| format!("From then on you can sign in with {name} as well."),
    connect_button: "Yes, connect it",
    connect_decline: "No",
    connected_heading: "Connected",
    connected: |name| format!("You can now sign in with {name} as well."),
    nothing_heading: "Nothing to connect",
    nothing: "The offer has expired or was answered already.",
    to_account: "To your account",

    signed_out_here: "You are signed out here",
    sign_out_there: |name| format!("You are still signed in at {name}. You are being taken there to sign out as well."),
    going_on: |name| format!("You are being taken to {name}."),
    go_on: |name| format!("Go on to {name}"),
    stay_here: "Stay signed in there",
};

/// In French.
pub static FR: FederationTexts = FederationTexts {
    continue_with: |name| format!("Continuer avec {name}"),
    or_this_way: "ou",
    other_provider: "l’autre fournisseur",
    no_provider: "Cette façon de se connecter n’existe pas ici.",
    provider_down: |name| format!("{name} ne répond pas pour le moment. Réessayez dans une minute."),
    cancelled: "Vous n’avez pas terminé la connexion. Réessayez ou choisissez une autre façon.",
    bad_answer: |name| {
        format!(
            "La connexion avec {name} a échoué. Si cela se reproduit, indiquez le numéro ci-dessous à l’administrateur."
        )
    },
    attempt_over: "Cette tentative a pris trop de temps ou est déjà terminée. Veuillez recommencer.",
    login_off: |name| format!("Personne ne se connecte avec {name} ici."),
    sign_up_off: |name| {
        format!(
            "Vous n’avez pas encore de compte, et {name} ne peut pas en créer. Demandez une invitation à l’administrateur."
        )
    },
    connect_off: |name| format!("{name} ne peut pas être associé à un compte ici."),
    domain: "Seules certaines adresses e-mail peuvent se connecter ici, et la vôtre n’en fait pas partie.",
    email_unproved: |name| {
        format!("{name} indique que votre adresse e-mail n’est pas confirmée. Confirmez-la là-bas, puis réessayez.")
    },
    email_missing: |name| {
        format!(
            "{name} ne nous a pas transmis votre adresse e-mail, et un compte en exige une. Autorisez-le là-bas, puis \
             réessayez."
        )
    },
    account_exists: |name| {
        format!(
            "Vous avez déjà un compte avec cette adresse e-mail. Connectez-vous une fois comme avant pour y associer {name}."
        )
    },
    connected_elsewhere: |name| format!("Votre identité chez {name} est déjà associée à un autre compte."),
    other_person: |name| {
        format!("Chez {name}, vous êtes quelqu’un d’autre. Connectez-vous là-bas avec l’identité associée à ce compte.")
    },
    locked: "Votre compte est verrouillé. Adressez-vous à l’administrateur.",
    waiting: "Votre compte a été créé. Il attend qu’un administrateur vous ouvre l’accès.",
    over: "Votre accès à ce site a pris fin. S’il vous le faut plus longtemps, adressez-vous aux personnes qui le gèrent.",
    role_missing: |name| {
        format!(
            "Nous savons qui vous êtes, mais vous n’êtes pas autorisé à entrer\u{202f}: {name} ne vous donne pas le rôle \
             nécessaire ici. Adressez-vous à l’administrateur."
        )
    },
    banned: "Vous ne pouvez pas vous connecter pour le moment, à cause de trop nombreuses infractions.",
    too_many: "Trop de tentatives de connexion. Attendez quelques minutes.",
    busy: "Le serveur est trop occupé pour le moment. Veuillez réessayer.",

    connect_heading: |name| format!("Associer {name}\u{202f}?"),
    connect_question: |name, called| {
        if called.is_empty() {
            format!("Vous arrivez de {name}. L’associer à votre compte\u{202f}?")
        } else {
            format!("Vous arrivez de {name} en tant que {called}. L’associer à votre compte\u{202f}?")
        }
    },
    connect_consequence: |name| format!("Vous pourrez ensuite vous connecter aussi avec {name}."),
    connect_button: "Oui, associer",
    connect_decline: "Non",
    connected_heading: "Association réussie",
    connected: |name| format!("Vous pouvez désormais vous connecter aussi avec {name}."),
    nothing_heading: "Rien à associer",
    nothing: "La proposition a expiré ou a déjà reçu une réponse.",
    to_account: "Vers votre compte",

    signed_out_here: "Vous êtes déconnecté ici",
    sign_out_there: |name| {
        format!("Vous êtes encore connecté chez {name}. Vous allez y être conduit pour vous déconnecter aussi.")
    },
    going_on: |name| format!("Vous allez être conduit vers {name}."),
    go_on: |name| format!("Continuer vers {name}"),
    stay_here: "Y rester connecté",
};

impl FederationTexts {
    /// Why somebody who comes from a provider is turned away.
    #[must_use]
    pub fn denied(&self, denial: Denial, provider: &str) -> String {
        match denial {
            Denial::NoProvider => self.no_provider.to_owned(),
            Denial::ProviderDown => (self.provider_down)(provider),
            Denial::Cancelled => self.cancelled.to_owned(),
            Denial::BadAnswer => (self.bad_answer)(provider),
            Denial::AttemptOver => self.attempt_over.to_owned(),
            Denial::LoginOff => (self.login_off)(provider),
            Denial::SignUpOff => (self.sign_up_off)(provider),
            Denial::ConnectOff => (self.connect_off)(provider),
            Denial::Domain => self.domain.to_owned(),
            Denial::EmailUnproved => (self.email_unproved)(provider),
            Denial::EmailMissing => (self.email_missing)(provider),
            Denial::AccountExists => (self.account_exists)(provider),
            Denial::ConnectedElsewhere => (self.connected_elsewhere)(provider),
            Denial::OtherPerson => (self.other_person)(provider),
            Denial::Locked => self.locked.to_owned(),
            Denial::Waiting => self.waiting.to_owned(),
            Denial::Over => self.over.to_owned(),
            Denial::RoleMissing => (self.role_missing)(provider),
            Denial::Banned => self.banned.to_owned(),
            Denial::TooMany => self.too_many.to_owned(),
            Denial::Busy => self.busy.to_owned(),
        }
    }
}
