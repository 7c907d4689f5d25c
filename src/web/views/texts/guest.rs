//! Words about guests: people who use the server without a login.

table! {
    /// Words about guests, in one language.
    GuestTexts {
        heading: &'static str,
        network: &'static str,
        open: &'static str,
        what_not: &'static str,
        sign_in: &'static str,
        banner_network: &'static str,
        banner_open: &'static str,
        banner_still: &'static str,
    }
}

/// English.
pub static EN: GuestTexts = GuestTexts {
    heading: "You are a guest",
    network: "In this network nobody has to sign in. Whoever opens this site from here is a guest.",
    open: "Nobody has to sign in here. Whoever opens this site is a guest.",
    what_not: "All guests share one account. Sign in to have your own.",
    sign_in: "Sign in",
    banner_network: "Nobody has to sign in from your own networks: the login is switched off (AUTHENTICATION).",
    banner_open: "Nobody has to sign in, from anywhere: the login is switched off for the whole world \
                  (LIBRECHAT_AUTH_OPEN_TO_EVERYONE).",
    banner_still: "The login was switched off (AUTHENTICATION), but the address of this site is public, so everybody still \
                   has to sign in.",
};

/// French.
pub static FR: GuestTexts = GuestTexts {
    heading: "Vous êtes un invité",
    network: "Sur ce réseau, personne n’a besoin de se connecter. Quiconque ouvre ce site d’ici est un invité.",
    open: "Personne n’a besoin de se connecter ici. Quiconque ouvre ce site est un invité.",
    what_not: "Tous les invités partagent un seul compte. Connectez-vous pour avoir le vôtre.",
    sign_in: "Se connecter",
    banner_network: "Depuis vos propres réseaux, personne n’a besoin de se connecter : la connexion est désactivée \
                     (AUTHENTICATION).",
    banner_open: "Personne n’a besoin de se connecter, d’où que ce soit : la connexion est désactivée pour le monde entier \
                  (LIBRECHAT_AUTH_OPEN_TO_EVERYONE).",
    banner_still: "La connexion a été désactivée (AUTHENTICATION), mais l’adresse de ce site est publique : tout le monde \
                   doit encore se connecter.",
};
