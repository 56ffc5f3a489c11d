//! What tells of the program itself: `--help`, `reflect completions`, `reflect man`. All of it is generated from
//! the one definition of the commands.

use std::{fmt::Write as _, path::PathBuf};

use clap::{Arg, ArgAction, Command, CommandFactory as _, Subcommand};
use clap_complete::Shell;
use clap_mangen::Man;
use reflect_client::ClientCommand;

use super::{Cli, CommandError, ServerCommand, output::write};

#[derive(Subcommand)]
pub(super) enum ReferenceCommand {
    /// Print what completes commands in a shell, such as for `source <(reflect completions bash)`.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the manual page of reflect, or of one of its commands: `reflect man upload | man -l -`.
    Man {
        /// Which command.
        command: Vec<String>,
        /// Write the pages of all commands into this folder instead.
        #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
        folder: Option<PathBuf>,
    },
}

pub(super) fn run(command: ReferenceCommand) -> Result<(), CommandError> {
    let mut page = Vec::new();
    match command {
        ReferenceCommand::Completions { shell } => {
            clap_complete::generate(shell, &mut definition(), "reflect", &mut page);
        }
        ReferenceCommand::Man { folder: Some(folder), .. } => {
            clap_mangen::generate_to(definition(), folder)?;
        }
        ReferenceCommand::Man { command: names, folder: None } => {
            let mut command = definition().disable_help_subcommand(true);
            command.build();
            for name in &names {
                let found = command.find_subcommand(name).cloned();
                command = found.ok_or_else(|| CommandError::NoSuchCommand(names.join(" ")))?;
            }
            Man::new(command).render(&mut page)?;
        }
    }
    write(&page)
}

/// All commands. The first help lists them by whom they are for, which clap has no means for.
pub(super) fn definition() -> Command {
    let groups = [
        ("The server, on its machine", of::<ServerCommand>()),
        ("The client, from anywhere", of::<ClientCommand>()),
        ("This program", of::<ReferenceCommand>()),
    ];
    let is_client = |name: &str| of::<ClientCommand>().find_subcommand(name).is_some();
    let mut help = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (heading, commands) in groups {
        // A string takes whatever is written to it.
        let _ = write!(help, "\n\x1b[1m\x1b[4m{heading}:\x1b[0m\n");
        for command in commands.get_subcommands() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let first = about.split([':', ',', ';']).next().unwrap_or(&about);
            let _ = writeln!(help, "  \x1b[1m{:<12}\x1b[0m {first}", command.get_name());
        }
    }
    help.push_str(
        "\n\x1b[1m\x1b[4mOptions:\x1b[0m\n{options}\n\n`reflect COMMAND --help` tells more of each.",
    );
    Cli::command()
        .mut_subcommands(|command| if is_client(command.get_name()) { without_log(command) } else { command })
        .help_template(help)
}

/// The commands of one kind.
fn of<C: Subcommand>() -> Command {
    C::augment_subcommands(Command::new("reflect"))
}

/// The client logs nothing, so its help is silent about the log.
fn without_log(command: Command) -> Command {
    command
        .arg(Arg::new("log").long("log").hide(true))
        .arg(Arg::new("log_json").long("log-json").action(ArgAction::SetTrue).hide(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(words: &str) -> String {
        let words = format!("reflect {words} --help");
        definition().try_get_matches_from(words.split_whitespace()).unwrap_err().to_string()
    }

    #[test]
    fn the_first_help_tells_the_servers_commands_from_the_clients() {
        let help = help("");
        let (head, rest) = help.split_once("The server, on its machine:\n").unwrap();
        assert!(head.starts_with("A self-hosted image host"), "{head}");
        let (server, rest) = rest.split_once("\n\nThe client, from anywhere:\n").unwrap();
        let (client, rest) = rest.split_once("\n\nThis program:\n").unwrap();
        let names = |list: &str| -> Vec<String> {
            list.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
        };
        assert_eq!(names(server), ["serve", "migrate", "user", "token", "keys", "mail", "seed", "verify"]);
        assert_eq!(names(client), ["login", "upload", "list", "rm", "link", "export", "import"]);
        assert!(
            rest.starts_with("  completions") && rest.contains("\n  man ") && rest.contains("--version"),
            "{rest}"
        );
        // Each says what it is for.
        for line in server.lines().chain(client.lines()) {
            assert!(line.split_whitespace().count() > 1, "{line}");
        }
    }

    #[test]
    fn a_command_of_the_client_has_none_of_the_servers_settings() {
        let help = help("upload");
        assert!(help.starts_with("Upload images"), "{help}");
        for setting in ["REFLECT_CLIENT_URL", "REFLECT_CLIENT_TOKEN", "--as", "--jobs", "Exit status: 0"] {
            assert!(help.contains(setting), "{setting}: {help}");
        }
        for setting in ["REFLECT_LOG", "--log", "DATABASE_URL", "REFLECT_DATA_DIR"] {
            assert!(!help.contains(setting), "{setting}: {help}");
        }
    }

    #[test]
    fn links_come_in_the_eight_forms_of_the_site() {
        let help = help("upload");
        let forms = model::rules::links::LinkForm::ALL.map(model::rules::links::LinkForm::key);
        assert!(help.contains(&format!("[possible values: {}]", forms.join(", "))), "{help}");
    }
}
