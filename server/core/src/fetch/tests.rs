use std::{collections::HashMap, io, net::Ipv4Addr, sync::Mutex};

use futures::{
    FutureExt as _,
    future::{BoxFuture, pending},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::timeout,
};
use uuid::Uuid;

use super::{
    slots::{ALL, ONE},
    *,
};

const ADA: UserId = UserId(Uuid::from_u128(1));

fn origins() -> Origins {
    Origins { site: "https://pictures.example".into(), images: "https://i.example:8443".into() }
}

/// Says what a test has it say, and remembers what it was asked for.
#[derive(Clone, Default)]
struct Names {
    known: Arc<HashMap<&'static str, Vec<IpAddr>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn of(known: &[(&'static str, &[&str])]) -> Self {
        let addresses = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let known = known.iter().map(|(name, list)| (*name, addresses(list))).collect();
        Self { known: Arc::new(known), asked: Arc::default() }
    }
}

impl Resolver for Names {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let found = self.known.get(host.trim_end_matches('.')).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such host")) })
    }
}

/// A server that answers each connection with the next of `answers`, and the last one again and again; its port. Where
/// it has said so much, it goes on saying nothing, unless the answer tells that it is over.
async fn answering(answers: Vec<String>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let last = answers.last().cloned().unwrap_or_default();
        let mut answers = answers.into_iter();
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = answers.next().unwrap_or_else(|| last.clone());
            let _ = stream.write_all(answer.as_bytes()).await;
            open.push(stream);
        }
    });
    port
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
}

/// Fetches from this machine as well.
fn at_home(names: &Names) -> Fetcher {
    Fetcher::new(&["127.0.0.1/32".parse().unwrap()]).resolving(names.clone())
}

async fn fetch(fetcher: &Fetcher, address: &str) -> Result<Bytes, FetchError> {
    fetcher.open(&origins(), ADA, address).await?.read(ByteSize(1000)).await
}

async fn problem(fetcher: &Fetcher, address: &str) -> AddressProblem {
    match fetch(fetcher, address).await {
        Err(FetchError::Address(problem)) => problem,
        other => panic!("{address}: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_address_to_fetch_from_is_told_before_anything_is_asked() {
    let names = Names::default();
    let fetcher = at_home(&names);
    let long = format!("https://x.example/{}", "a".repeat(LONGEST));
    for address in [
        "",
        "cat.png",
        "ftp://x.example/a.png",
        "file:///etc/passwd",
        "gopher://x.example/",
        "data:image/png;base64,AAAA",
        "https://ada:secret@x.example/a.png",
        "https://ada@x.example/a.png",
        "https://",
        &long,
    ] {
        assert_eq!(problem(&fetcher, address).await, AddressProblem::AddressInvalid, "{address}");
    }
    for address in [
        "https://pictures.example/i/a.png",
        "http://PICTURES.example./",
        "https://i.example:8443/a.png",
        "http://i.example/a.png",
    ] {
        assert_eq!(problem(&fetcher, address).await, AddressProblem::AddressOwn, "{address}");
    }
    assert!(names.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_but_public_servers_is_reached() {
    let names = Names::of(&[
        ("inside.example", &["10.0.0.7"]),
        ("mixed.example", &["93.184.215.14", "192.168.0.1"]),
        ("mapped.example", &["::ffff:127.0.0.1"]),
        ("public.example", &["93.184.215.14"]),
    ]);
    let fetcher = Fetcher::new(&[]).resolving(names.clone());
    for address in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://inside.example/",
        "http://mixed.example/",
        "https://mapped.example/",
        // Nobody's web server.
        "http://public.example:22/",
        "http://93.184.215.14:8080/",
        "https://public.example:6379/",
        // As if it were within: nobody learns by it which names are.
        "http://nobody.example/",
    ] {
        assert_eq!(problem(&fetcher, address).await, AddressProblem::AddressNotPublic, "{address}");
    }
    names.asked.lock().unwrap().clear();
    for address in ["http://router/", "http://localhost/", "http://nas.local/", "http://git.internal./"] {
        assert_eq!(problem(&fetcher, address).await, AddressProblem::AddressNotPublic, "{address}");
    }
    assert!(names.asked.lock().unwrap().is_empty(), "none of them is looked up");
    problem(&fetcher, "http://inside.example/").await;
    assert_eq!(*names.asked.lock().unwrap(), ["inside.example."], "in no search domain");
}

#[tokio::test]
async fn a_network_that_is_allowed_is_asked_for_by_its_own_names() {
    let port = answering(vec![ok("picture")]).await;
    let names = Names::of(&[("pictures", &["127.0.0.1"]), ("other.local", &["10.0.0.1"])]);
    assert_eq!(fetch(&at_home(&names), &format!("http://pictures:{port}/")).await.unwrap(), "picture");
    let other = problem(&at_home(&names), "http://other.local/").await;
    assert_eq!(other, AddressProblem::AddressNotPublic);
    assert_eq!(*names.asked.lock().unwrap(), ["pictures", "other.local"]);
}

#[tokio::test]
async fn what_is_denied_is_not_reached() {
    let port = answering(vec![ok("picture")]).await;
    let names = Names::of(&[("ours.example", &["93.184.215.14"])]);
    let denied = ["93.184.215.0/24", "2606:4700::/32", "127.0.0.0/8"];
    let denied: [IpNet; 3] = denied.map(|network| network.parse().unwrap());
    let fetcher = at_home(&names).denying(&denied);
    for address in [
        "http://93.184.215.1/",
        "https://ours.example/",
        "http://[2606:4700::1111]/",
        // Also where it is allowed.
        &format!("http://127.0.0.1:{port}/"),
    ] {
        assert_eq!(problem(&fetcher, address).await, AddressProblem::AddressNotPublic, "{address}");
    }
}

#[tokio::test]
async fn of_many_addresses_the_first_are_tried() {
    let port = answering(vec![ok("picture")]).await;
    for (others, arrives) in [(ADDRESSES - 1, true), (ADDRESSES, false)] {
        // Nobody listens at these.
        let mut addresses = vec!["127.0.0.2"; others];
        addresses.push("127.0.0.1");
        let names = Names::of(&[("many.example", addresses.as_slice())]);
        let fetcher = Fetcher::new(&["127.0.0.0/8".parse().unwrap()]).resolving(names);
        let fetched = fetch(&fetcher, &format!("http://many.example:{port}/")).await;
        assert_eq!(fetched.is_ok(), arrives, "{others}: {fetched:?}");
    }
}

#[tokio::test]
async fn the_connection_goes_to_what_was_looked_at() {
    // Asked a second time, the name would stand for something else.
    struct Rebinding(Mutex<Vec<&'static str>>);

    impl Resolver for Rebinding {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            let next = self.0.lock().unwrap().pop().unwrap().parse().unwrap();
            Box::pin(async move { Ok(vec![next]) })
        }
    }

    let port = answering(vec![ok("picture")]).await;
    let fetcher = at_home(&Names::default()).resolving(Rebinding(Mutex::new(vec!["10.0.0.1", "127.0.0.1"])));
    let address = format!("http://rebinding.example:{port}/a.png");
    assert_eq!(fetch(&fetcher, &address).await.unwrap(), "picture");
    assert_eq!(problem(&fetcher, &address).await, AddressProblem::AddressNotPublic);
}

#[tokio::test]
async fn a_redirect_is_looked_at_as_if_it_had_been_named() {
    let names = Names::of(&[("inside.example", &["10.0.0.7"])]);
    for (to, expected) in [
        ("http://127.0.0.2/", AddressProblem::AddressNotPublic),
        ("http://inside.example/", AddressProblem::AddressNotPublic),
        ("//169.254.169.254/", AddressProblem::AddressNotPublic),
        ("https://pictures.example/", AddressProblem::AddressOwn),
        ("file:///etc/passwd", AddressProblem::AddressInvalid),
        ("http://ada:secret@127.0.0.1/", AddressProblem::AddressInvalid),
        // In a circle.
        ("/", AddressProblem::AddressRefused),
    ] {
        let port = answering(vec![moved(to)]).await;
        assert_eq!(problem(&at_home(&names), &format!("http://127.0.0.1:{port}/")).await, expected, "{to}");
    }
    for (redirects, arrives) in [(REDIRECTS, true), (REDIRECTS + 1, false)] {
        let mut answers = vec![moved("/next.png?x=1#here"); redirects];
        answers.push(ok("picture"));
        let port = answering(answers).await;
        let opened = at_home(&names).open(&origins(), ADA, &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(opened.is_ok(), arrives, "{redirects}");
        assert!(opened.is_err() || opened.unwrap().url().path() == "/next.png");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()
        + &format!("100\r\n{}\r\n", "x".repeat(256)).repeat(8);
    // It isn't waited for what is announced to be too much.
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n".to_owned();
    let fetcher = at_home(&Names::default());
    for answer in [endless, announced, ok(&"x".repeat(1001))] {
        let port = answering(vec![answer]).await;
        let fetched = fetch(&fetcher, &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(fetched, Err(FetchError::TooLarge(ByteSize(1000))));
    }
    let port = answering(vec![ok(&"x".repeat(1000))]).await;
    assert_eq!(fetch(&fetcher, &format!("http://127.0.0.1:{port}/")).await.unwrap().len(), 1000);
}

#[tokio::test]
async fn how_much_comes_is_told_by_how_it_comes() {
    let chunks = "transfer-encoding: chunked\r\n\r\n7\r\npicture\r\n0\r\n\r\n";
    let lying = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n{chunks}");
    for (answer, expected) in [(lying, 1000), (ok("picture"), 7)] {
        let port = answering(vec![answer]).await;
        let address = format!("http://127.0.0.1:{port}/");
        let opened = at_home(&Names::default()).open(&origins(), ADA, &address).await.unwrap();
        assert_eq!(opened.expected(ByteSize(1000)), expected);
        assert_eq!(opened.read(ByteSize(1000)).await.unwrap(), "picture");
    }
}

#[tokio::test]
async fn who_is_too_slow_is_not_waited_for() {
    let patience = Patience {
        connect: Duration::from_millis(50),
        pause: Duration::from_millis(50),
        total: Duration::from_millis(500),
        ..Patience::default()
    };
    let fetcher = at_home(&Names::default()).patient(patience);
    let stops = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\npict".to_owned();
    for answer in [String::new(), "HTTP/1.1 200".to_owned(), stops] {
        let port = answering(vec![answer]).await;
        let address = format!("http://127.0.0.1:{port}/");
        assert_eq!(problem(&fetcher, &address).await, AddressProblem::AddressUnreachable);
    }
}

#[tokio::test]
async fn all_of_it_has_an_end() {
    let long = Duration::from_secs(600);
    let patience = Patience { queue: long, connect: long, pause: long, total: Duration::from_millis(100) };
    let fetcher = at_home(&Names::default()).patient(patience);
    // Before the answer, in its head, in its body.
    let stops = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\npict".to_owned();
    for answer in [String::new(), "HTTP/1.1 200".to_owned(), stops] {
        let port = answering(vec![answer]).await;
        let address = format!("http://127.0.0.1:{port}/");
        let told = timeout(Duration::from_secs(60), problem(&fetcher, &address)).await;
        assert_eq!(told.unwrap(), AddressProblem::AddressUnreachable);
    }
}

#[tokio::test]
async fn who_has_nothing_to_give_is_told_apart_from_nobody() {
    let fetcher = at_home(&Names::default());
    for status in ["404 Not Found", "401 Unauthorized", "500 Oops", "204 No Content", "206 Partial Content"] {
        let port = answering(vec![format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")]).await;
        let address = format!("http://127.0.0.1:{port}/");
        assert_eq!(problem(&fetcher, &address).await, AddressProblem::AddressRefused, "{status}");
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = format!("http://127.0.0.1:{port}/");
    assert_eq!(problem(&fetcher, &address).await, AddressProblem::AddressUnreachable);
}

#[tokio::test]
async fn one_person_has_four_under_way() {
    let port = answering(vec!["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n".to_owned()]).await;
    let (fetcher, address) = (at_home(&Names::default()), format!("http://127.0.0.1:{port}/"));
    let open = async |person| fetcher.open(&origins(), person, &address).await;
    let mut under_way = Vec::new();
    for _ in 0..ONE {
        under_way.push(open(ADA).await.unwrap());
    }
    assert_eq!(open(ADA).await.err(), Some(FetchError::TooMany));
    assert!(open(UserId(Uuid::from_u128(2))).await.is_ok(), "another person");
    under_way.pop();
    assert!(open(ADA).await.is_ok());
}

#[tokio::test]
async fn all_people_have_sixteen_under_way() {
    let port = answering(vec!["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n".to_owned()]).await;
    let patience = Patience { queue: Duration::ZERO, ..Patience::default() };
    let fetcher = at_home(&Names::default()).patient(patience);
    let address = format!("http://127.0.0.1:{port}/");
    let open = async |person| fetcher.open(&origins(), UserId(Uuid::from_u128(person)), &address).await;
    let mut under_way = Vec::new();
    for person in 0..16 {
        under_way.push(open(person).await.unwrap());
    }
    assert_eq!(under_way.len(), ALL);
    // Who finds no room has no place of their own either.
    for _ in 0..=ONE {
        assert_eq!(open(99).await.err(), Some(FetchError::Busy));
    }
    under_way.pop();
    assert!(open(99).await.is_ok());
}

#[tokio::test]
async fn a_lookup_keeps_its_place_until_it_has_ended() {
    struct Silent;

    impl Resolver for Silent {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            Box::pin(pending())
        }
    }

    let fetcher = Fetcher::new(&[]).resolving(Silent);
    let origins = origins();
    for _ in 0..ONE {
        let opening = fetcher.open(&origins, ADA, "http://silent.example/");
        assert!(opening.now_or_never().is_none(), "it begins, and is given up");
    }
    let told = fetcher.open(&origins, ADA, "http://silent.example/").await;
    assert_eq!(told.err(), Some(FetchError::TooMany));
}
