//! Words about the providers that are connected to an account, and about proving again who one is.

table! {
    /// Words about connected providers in one language. Functions take the provider's name.
    ConnectionTexts {
        title: &'static str,
        what_it_is: &'static str,
        manage: &'static str,
        count: fn(usize) -> String,
        none: &'static str,
        called: &'static str,
        since: &'static str,
        last_used: &'static str,
        never_used: &'static str,
        not_usable: &'static str,
        disconnect: &'static str,
        disconnect_one: fn(&str) -> String,
        disconnect_effect: fn(&str) -> String,
        disconnect_button: fn(&str) -> String,
        last_way: &'static str,
        last_way_password: &'static str,
        disconnected: &'static str,
        told_by_mail: &'static str,
        connect_heading: &'static str,
        connect_intro: &'static str,
        connect_to: fn(&str) -> String,
        leaving: fn(&str) -> String,
        stale_offer: fn(&str) -> String,
        proved: &'static str,
        again_first: &'static str,
        again_intro: &'static str,
        again_with: fn(&str) -> String,
        again_sign_out: &'static str,
        set_password: &'static str,
        set_password_intro: &'static str,
    }
}

/// In English.
pub static EN: ConnectionTexts = ConnectionTexts {
    title: "Connected providers",
    what_it_is: "With a connected provider you sign in without a password of this site.",
    manage: "Connect or disconnect providers",
    count: |count| match count {
        0 => "None is connected.".to_owned(),
        1 => "One is connected.".to_owned(),
        _ => format!("{count} are connected."),
    },
    none: "No provider is connected to your account.",
    called: "Knows you as",
    since: "Connected",
    last_used: "Last sign-in",
    never_used: "Not yet",
    not_usable: "Cannot be used at the moment",
    disconnect: "Disconnect",
    disconnect_one: |name| format!("Disconnect {name}"),
    disconnect_effect: |name| {
        format!("You can no longer sign in with {name}, and your other sessions end. You can connect it again later.")
    },
    disconnect_button: |name| format!("Yes, disconnect {name}"),
    last_way: "This is your only way to sign in: connect another provider before you disconnect it.",
    last_way_password: "This is your only way to sign in. Set a password or connect another provider before you disconnect it.",
    disconnected: "The provider is disconnected. Your other sessions were ended.",
    told_by_mail: "An email says so, too.",
    connect_heading: "Connect another provider",
    connect_intro: "You sign in there once. From then on it opens this account, too.",
    connect_to: |name| format!("Connect {name}"),
    leaving: |name| format!("On to {name}"),
    stale_offer: |name| {
        format!(
            "You were signed in here before you came from {name}. Connect it from your account, where you are asked once \
             more who you are."
        )
    },
    proved: "Thank you. For the next ten minutes you can make changes.",
    again_first: "Please sign in again first.",
    again_intro: "Your account has no password here. Before you change anything important, sign in again. You then have ten minutes.",
    again_with: |name| format!("Sign in again with {name}"),
    again_sign_out: "Sign out, then sign in again. You then have ten minutes for changes.",
    set_password: "Set a password",
    set_password_intro: "With a password you can sign in here without a provider, too.",
};

/// In French.
pub static FR: ConnectionTexts = ConnectionTexts {
    title: "Fournisseurs associés",
    what_it_is: "Avec un fournisseur associé, vous vous connectez sans mot de passe de ce site.",
    manage: "Associer ou dissocier des fournisseurs",
    count: |count| match count {
        0 => "Aucun n’est associé.".to_owned(),
        1 => "Un est associé.".to_owned(),
        _ => format!("{count} sont associés."),
    },
    none: "Aucun fournisseur n’est associé à votre compte.",
    called: "Vous y êtes",
    since: "Associé",
    last_used: "Dernière connexion",
    never_used: "Pas encore",
    not_usable: "Inutilisable pour le moment",
    disconnect: "Dissocier",
    disconnect_one: |name| format!("Dissocier {name}"),
    disconnect_effect: |name| {
        format!(
            "Vous ne pourrez plus vous connecter avec {name}, et vos autres sessions seront fermées. Vous pourrez \
             l’associer de nouveau plus tard."
        )
    },
    disconnect_button: |name| format!("Oui, dissocier {name}"),
    last_way: "C’est votre seule façon de vous connecter\u{202f}: associez un autre fournisseur avant de le dissocier.",
    last_way_password: "C’est votre seule façon de vous connecter. Définissez un mot de passe ou associez un autre fournisseur avant de le dissocier.",
    disconnected: "Le fournisseur est dissocié. Vos autres sessions ont été fermées.",
    told_by_mail: "Un e-mail vous le confirme.",
    connect_heading: "Associer un autre fournisseur",
    connect_intro: "Vous vous y connectez une fois. Ensuite, il ouvre aussi ce compte.",
    connect_to: |name| format!("Associer {name}"),
    leaving: |name| format!("Vers {name}"),
    stale_offer: |name| {
        format!(
            "Vous étiez déjà connecté ici avant d’arriver de {name}. Associez-le depuis votre compte, où l’on vous demandera \
             encore une fois qui vous êtes."
        )
    },
    proved: "Merci. Pendant les dix prochaines minutes, vous pouvez faire des changements.",
    again_first: "Reconnectez-vous d’abord.",
    again_intro: "Votre compte n’a pas de mot de passe ici. Avant tout changement important, reconnectez-vous. Vous avez ensuite dix minutes.",
    again_with: |name| format!("Se reconnecter avec {name}"),
    again_sign_out: "Déconnectez-vous, puis reconnectez-vous. Vous avez ensuite dix minutes pour vos changements.",
    set_password: "Définir un mot de passe",
    set_password_intro: "Avec un mot de passe, vous pouvez aussi vous connecter ici sans fournisseur.",
};
