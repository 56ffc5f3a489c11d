//! `reflect completions`, `reflect man`

use std::fs;

use super::Machine;

#[tokio::test]
async fn shells_complete_every_command() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let said = machine.reflect(&["completions", shell]).await;
        let script = said.lines().join("\n");
        for word in ["serve", "upload", "existing", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let machine = Machine::new();
    let page = machine.reflect(&["man"]).await;
    assert!(page.lines().iter().any(|line| line.starts_with(".TH reflect 1")), "{page:?}");
    let page = machine.reflect(&["man", "user", "add"]).await;
    assert!(page.lines().iter().any(|line| line.starts_with(".TH reflect-user-add 1")), "{page:?}");
    fs::create_dir(machine.path("pages")).unwrap();
    assert_eq!(machine.reflect(&["man", "--folder", "pages"]).await.lines(), Vec::<&str>::new());
    for name in ["reflect.1", "reflect-upload.1", "reflect-token-create.1"] {
        assert!(fs::metadata(machine.path("pages").join(name)).unwrap().len() > 500, "{name}");
    }
    let said = machine.reflect(&["man", "nothing"]).await;
    assert!(said.refusal(1).contains("no command `reflect nothing`"), "{said:?}");
}
