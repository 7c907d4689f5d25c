//! Words of the administration: users.

table! {
    /// Words of one part of the administration, in one language.
    UsersTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: UsersTexts = UsersTexts { title: "Users" };

/// French.
pub static FR: UsersTexts = UsersTexts { title: "Utilisateurs" };
