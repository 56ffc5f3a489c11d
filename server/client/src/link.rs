//! `reflect link`, and the forms that links have.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use model::rules::links::LinkForm;

use crate::{
    api::Api, config::Connection, each::each, exit::Exit, failure::Failure, named::Named, screen::Screen,
};

/// The form of links.
#[derive(Args, Clone, Copy)]
pub(crate) struct Form {
    /// What is printed of an image: the address of the image or its page, or what embeds it, as the site offers it.
    #[arg(long = "as", default_value = LinkForm::Url.key(), value_name = "FORM", value_parser = forms())]
    pub(crate) form: LinkForm,
}

/// All of them, by the names that they have in the API.
pub(crate) fn forms() -> impl TypedValueParser<Value = LinkForm> {
    PossibleValuesParser::new(LinkForm::ALL.map(LinkForm::key))
        .try_map(|key| LinkForm::from_key(&key).ok_or("there is no such form"))
}

#[derive(Args)]
pub struct LinkArguments {
    /// An id, a slug, or an address of an image or its page.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<Named>,
    #[command(flatten)]
    form: Form,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// Prints a link of each, in the order given.
pub(crate) async fn run(arguments: LinkArguments, screen: &Screen) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.connection.settings()?, screen)?;
    let form = arguments.form.form;
    each(&arguments.images, screen, async |named| Ok(api.find(named).await?.links.get(form).to_owned())).await
}
