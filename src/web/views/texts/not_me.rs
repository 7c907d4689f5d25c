//! Words of the page behind "this was not me".

table! {
    /// Words of the page behind "this was not me" in one language.
    NotMeTexts {
        heading: &'static str,
        intro: &'static str,
        effects: [&'static str; 3],
        button: &'static str,
        nothing_wrong: &'static str,
        done_heading: &'static str,
        done: &'static str,
        done_sessions: &'static str,
        done_sign_in: &'static str,
        done_mailed: &'static str,
        done_ask: &'static str,
        done_ask_admin: &'static str,
        gone_heading: &'static str,
        gone: &'static str,
        gone_advice: &'static str,
    }
}

/// In English.
pub static EN: NotMeTexts = NotMeTexts {
    heading: "Was this not you?",
    intro: "Then somebody else may be in your account. Press the button and we will lock them out:",
    effects: [
        "Every session of your account ends, on all devices.",
        "No device is trusted any more.",
        "Your password stops working. You choose a new one before you sign in again.",
    ],
    button: "This was not me: lock my account",
    nothing_wrong: "If it was you, close this page. Nothing has changed.",
    done_heading: "Your account is locked up",
    done: "All sessions were ended, and your old password no longer works.",
    done_sessions: "All sessions were ended.",
    done_sign_in: "Sign in again the way you usually do, and check the account that you do it with, too.",
    done_mailed: "We have sent a link to your email address. Open it to choose a new password. It is valid for a short time only.",
    done_ask: "For a new password, please ask:",
    done_ask_admin: "For a new password, please ask the person who runs this server.",
    gone_heading: "This link no longer works",
    gone: "Such a link is valid for 30 days and can be used once.",
    gone_advice: "If you think that somebody else is in your account, sign in and change your password.",
};

/// In French.
pub static FR: NotMeTexts = NotMeTexts {
    heading: "Ce n’était pas vous\u{202f}?",
    intro: "Quelqu’un d’autre a peut-être accès à votre compte. Appuyez sur le bouton pour l’en écarter\u{202f}:",
    effects: [
        "Toutes les sessions de votre compte se ferment, sur tous les appareils.",
        "Plus aucun appareil n’est approuvé.",
        "Votre mot de passe ne fonctionne plus. Vous en choisirez un nouveau avant de vous reconnecter.",
    ],
    button: "Ce n’était pas moi\u{202f}: bloquer mon compte",
    nothing_wrong: "Si c’était vous, fermez cette page. Rien n’a changé.",
    done_heading: "Votre compte est à l’abri",
    done: "Toutes les sessions ont été fermées et l’ancien mot de passe ne fonctionne plus.",
    done_sessions: "Toutes les sessions ont été fermées.",
    done_sign_in: "Reconnectez-vous comme d’habitude, et vérifiez aussi le compte qui vous sert à le faire.",
    done_mailed: "Nous avons envoyé un lien à votre adresse e-mail. Ouvrez-le pour choisir un nouveau mot de passe. Il n’est valable que peu de temps.",
    done_ask: "Pour un nouveau mot de passe, adressez-vous à\u{202f}:",
    done_ask_admin: "Pour un nouveau mot de passe, adressez-vous à la personne qui gère ce serveur.",
    gone_heading: "Ce lien ne fonctionne plus",
    gone: "Un tel lien est valable 30 jours et ne sert qu’une fois.",
    gone_advice: "Si vous pensez que quelqu’un d’autre a accès à votre compte, connectez-vous et changez de mot de passe.",
};
