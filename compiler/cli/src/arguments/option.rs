//! How an option of the command line is declared.

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing: it is there or not.
    Flag,
    /// Nothing; `--no-…` says the opposite.
    Switch,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// One of some words, in any case.
    Choice(&'static [&'static str]),
    /// One or more texts, also repeated.
    Many,
    /// One or more of some words, also repeated.
    ManyChoices(&'static [&'static str]),
    /// A YAML dictionary.
    Yaml,
}

/// What an option is when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    /// Nothing.
    None,
    /// On.
    On,
    /// Off.
    Off,
    /// A text.
    Text(&'static str),
    /// A number.
    Number(i64),
}

/// An option of the command line, with the environment variable that sets it too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptionSpec {
    /// The name behind the two dashes.
    pub name: &'static str,
    /// The letter behind one dash.
    pub short: Option<char>,
    /// Other names behind two dashes.
    pub aliases: &'static [&'static str],
    /// Other letters behind one dash.
    pub short_aliases: &'static [char],
    /// What it takes.
    pub kind: Kind,
    /// dbt's environment variable: `DBT_X`, or `DBT_ENGINE_X` for the newer ones that have only this spelling; `QUERN_X`
    /// for what dbt does not have.
    pub variable: Option<&'static str>,
    /// What it is when nobody says.
    pub preset: Preset,
    /// Whether help leaves it out.
    pub is_hidden: bool,
    /// What help calls the value.
    pub value_name: &'static str,
    /// What help says; of a switch that is on unless somebody says otherwise, what its opposite does, which is what help
    /// shows.
    pub help: &'static str,
    /// The commands that have it; none means all.
    pub commands: &'static [&'static str],
}

impl OptionSpec {
    const fn new(name: &'static str, kind: Kind, preset: Preset, help: &'static str) -> Self {
        Self {
            name,
            short: None,
            aliases: &[],
            short_aliases: &[],
            kind,
            variable: None,
            preset,
            is_hidden: false,
            value_name: "VALUE",
            help,
            commands: &[],
        }
    }

    pub(crate) const fn flag(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Flag, Preset::Off, help)
    }

    pub(crate) const fn switch(name: &'static str, preset: Preset, help: &'static str) -> Self {
        Self::new(name, Kind::Switch, preset, help)
    }

    pub(crate) const fn text(
        name: &'static str,
        value_name: &'static str,
        help: &'static str,
    ) -> Self {
        let mut option = Self::new(name, Kind::Text, Preset::None, help);
        option.value_name = value_name;
        option
    }

    pub(crate) const fn number(name: &'static str, preset: Preset, help: &'static str) -> Self {
        let mut option = Self::new(name, Kind::Number, preset, help);
        option.value_name = "NUMBER";
        option
    }

    pub(crate) const fn choice(
        name: &'static str,
        words: &'static [&'static str],
        preset: Preset,
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(words), preset, help)
    }

    pub(crate) const fn many(
        name: &'static str,
        value_name: &'static str,
        help: &'static str,
    ) -> Self {
        let mut option = Self::new(name, Kind::Many, Preset::None, help);
        option.value_name = value_name;
        option
    }

    pub(crate) const fn many_choices(
        name: &'static str,
        words: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        let mut option = Self::new(name, Kind::ManyChoices(words), Preset::None, help);
        option.value_name = "TYPE";
        option
    }

    pub(crate) const fn yaml(name: &'static str, help: &'static str) -> Self {
        let mut option = Self::new(name, Kind::Yaml, Preset::None, help);
        option.value_name = "YAML";
        option
    }

    pub(crate) const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    pub(crate) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(crate) const fn short_aliases(mut self, letters: &'static [char]) -> Self {
        self.short_aliases = letters;
        self
    }

    pub(crate) const fn variable(mut self, variable: &'static str) -> Self {
        self.variable = Some(variable);
        self
    }

    pub(crate) const fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    pub(crate) const fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    pub(crate) const fn on(mut self, commands: &'static [&'static str]) -> Self {
        self.commands = commands;
        self
    }

    /// The name as `flags` and artifacts spell it: `full_refresh`.
    pub(crate) fn argument_key(&self) -> String {
        match self.name {
            "resource-type" | "exclude-resource-type" => {
                format!("{}s", self.name.replace('-', "_"))
            }
            name => name.replace('-', "_"),
        }
    }

    /// Whether all commands have it.
    pub(crate) fn is_global(&self) -> bool {
        self.commands.is_empty()
    }
}
