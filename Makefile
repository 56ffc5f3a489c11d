# Every target is a thin door to `cargo xtask`, which `cargo xtask help` describes.
.PHONY: help run dev build test lint setup deny bootstrap
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: bootstrap ## install what is missing, build, and start reflect on http://127.0.0.1:3000
	@cargo xtask run $(if $(ARGS),-- $(ARGS))

dev: bootstrap ## the same in development mode, and again on every change
	@cargo xtask dev $(if $(ARGS),-- $(ARGS))

build: bootstrap ## build the site and the server as they are released
	@cargo xtask build --release

test: bootstrap ## every test, browser journeys included
	@cargo xtask test

lint: bootstrap ## formatting, clippy, house rules, licences
	@cargo xtask lint

deny: bootstrap ## licences and banned crates
	@cargo xtask deny

setup: bootstrap ## install what building and running need
	@cargo xtask setup

bootstrap:
	@sh xtask/bootstrap.sh
