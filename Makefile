# Targets for people and CI. `make test` needs Go, a C and C++ compiler and Python 3; it
# fetches everything else from the package registries.

PYTHON ?= python3
VENV   := .venv
SPARK  := .venv-spark
PY     := $(CURDIR)/$(VENV)/bin/python
S3     := $(CURDIR)/bin/versitygw
JUDGES := ROLLCALL_PYTHON=$(PY) ROLLCALL_VERSITYGW=$(S3)

.PHONY: test test-all test-rest test-long test-documents test-race test-system test-spark soak soak-nights vet lint vuln bench bench-night bench-night-memory bench-archive bench-collect bench-evaluate bench-roster bench-review bench-audit mutate pictures zones demo build release clean

# The emulators (moto), the AWS SDK for Python and the second reader of workbooks.
$(VENV)/ready: tools/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tools/requirements.txt
	touch $@

# Spark, which is large, in an environment of its own.
$(SPARK)/ready: tools/requirements-spark.txt
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/pip install --quiet --disable-pip-version-check -r tools/requirements-spark.txt
	touch $@

# A real S3 with versions and Object Lock. It is a module of its own, so that what it is
# made of is none of ours.
$(S3): tools/versitygw/go.mod tools/versitygw/go.sum
	go build -C tools/versitygw -o $@ github.com/versity/versitygw/cmd/versitygw

# What evaluates policies as AWS does, for the roles in deploy/aws, and the judge of
# accessibility for the page that reviewers get.
tools/node_modules/ready: tools/package-lock.json
	npm ci --prefix tools --ignore-scripts --no-audit --no-fund
	touch $@

# Stories of months, whole guides and hundreds of nights with faults, one step after
# another: minutes each. Shorter ones run the same commands in `make test`.
LONG := TestAWholeQuarter|TestAYear|TestThePackOfTheQuarter|TestEveryCommandOfTheRunbooks|TestEveryCommandInADocument|TestWhoeverReadsOnlyTheReadme|TestVersionAndCommitAreIn|TestOnARealStoreANightWithFaults|TestNoShippedRoleMayDo|TestTheBenchTells|TestANightIsMeasured

# What runs the commands of the documents, each as it stands there. `.ci/fresh` runs it on
# a new machine too.
DOCUMENTS := TestWhoeverReadsOnlyTheReadme|TestEveryCommandInADocument|TestEveryCommandOfTheRunbooks|TestAWholeQuarterAnswersEachLineOfTheGuide

# `make vet` looks for more than `go test` would, which would do so anew for each set of tags.
TEST := go test -vet=off
# One set of tags, so that what is compiled for one of these is not compiled anew for the next.
TAGS := emulators,system,browser,spark

# All packages, with everything that needs no system package: Okta's API description as
# judge, and independent emulators. Under ten minutes on two cores.
test: $(VENV)/ready $(S3) vet lint
	$(JUDGES) $(TEST) -short -skip '$(LONG)' -timeout 20m -tags emulators ./...

# The rest: what is long, the commands of the documents, the race detector (with -short),
# and what needs system packages (.ci/run installs them): openssl as a second verifier of
# the archive, Java for Spark, Node for the evaluator of AWS policies, Chromium and
# LibreOffice for what reviewers open.
test-all: test test-rest

test-rest: test-spark test-system test-long test-documents test-race

test-long: $(VENV)/ready $(S3)
	$(TEST) -timeout 30m ./reconcile
	$(JUDGES) $(TEST) -run '$(LONG)|TestNoFaultSchedule|Conform' -skip '$(DOCUMENTS)' -timeout 60m -tags $(TAGS) ./cmd/rollcall ./internal/bench/... ./collectors/...

test-documents:
	$(TEST) -run '$(DOCUMENTS)' -timeout 30m ./cmd/rollcall

# The race detector makes a test some ten times as long, and sees nothing of what runs in
# other programs: emulators are asked without it, and benches and mutation testing run programs that are tested elsewhere.
QUICK := $(shell go list ./... | grep -v -e /cmd/ -e /internal/bench -e /internal/mutants)
# Of the tests of cmd/rollcall it plays those that together run all that may run side by
# side there: one more night after another shows it nothing new. internal/layout fails if a
# file in which something runs side by side has none of these.
RACED := TestScript TestServeLeavesTheSystemsUpForOtherCommands TestOnATerminalThereAreBarsAndTextWithoutColours \
	TestLinesAreToldEachMinuteWhileItReadsAndNotAfter TestWhatCountsFilesDrawsABarOnlyAfterAMoment TestWhatHasNoKnownEndIsShownOnlyAfterAMoment \
	TestEachLineOfARunNamesTheRunAndNobody TestOneAWSSecretIsFetchedOnceForAllThatItHolds TestANightOfTwoServiceAppsBlocksALeaverAndWritesNoSecret \
	TestNoSecretIsInAnythingThatIsSaidOrWritten TestAnOktaThatCannotListItsUsersBlocksNobodyInOktaAndTheRestIsDone TestAFaultThatPassesCostsNothing \
	TestAListThatIsNotReadInTimeIsAGapAndTheOthersCount TestALeaverInAListThatWasReadInTimeIsBlockedThoughAnotherListWasNot TestAWSTellsOfAWrongClockToo \
	TestCheckTellsABadFileAndAnUnreadSystemTogether TestAMissingRightIsNamedWithWhoGrantsIt TestANightBlocksALeaverEverywhereAndTheNextSendsNothing \
	TestARefusedRevocationFailsAloneAndTheNextNightTriesAgain TestADropThatAPersonConfirmsIsBelievedAndIsTheNewNormal \
	TestAnIAMUserIsDeletedByPolicyOnTheNightAfterNothingElseIsLeft TestWhoComesBackBeforeTheDeletionStays \
	TestADeactivationThatTakesLongIsClosedByTheNextRunBeforeAnythingElse TestAccessOfAFormerJobIsAnnouncedTakenOnTheDayAndReadBack \
	TestAMistakeIsUndoneAndTheNextNightIsSilent TestASweepBlocksWhoHasLeftAndTheNextOneIsSilent TestWithReadAccountsMadeSinceAreFoundToo \
	TestNoFaultScheduleCutsOffTheActiveOrKeepsALeaverInUnsaid TestTheLockIsGoneWithAKilledRun TestOfTwoRunnersAtOnceOneRuns \
	TestEveryCommandWorksFromAnEmptyDiskOnAnArchiveInABucket TestInABucketWhatALockKeepsIsDeletedWhenItIsOver \
	TestAStoreThatCannotBeReachedIsToldAndNothingIsDone TestALostKeyIsAnEmergencyThatVerifyTellsForEver \
	TestARunWhoseBytesAreNotThoseOfItsManifestIsNotDecidedOnceMore TestOfFilesThatComeInTogetherTheOneThatWasSavedLastIsTheNewest \
	TestAReviewGoesOnOverAChangeOfTheKey TestACampaignBetweenTwoNightsIsNoNewsAndNoNight TestARemoveOfAReviewIsTakenOnceAndFollowedUntilItIsGone \
	TestAForeignKeyAnExpiredOneAndTheNightsOwnKeyCountForNothing TestRunsThatEndAtOnceLoseNoFigureOfEachOther \
	TestABlockThatFailsPagesAndTheNightThatCuresItResolves TestALineTellsHowFarEachSystemIsAndHowLongTheRestTakes TestTheLogIsTextWhereThatIsAskedFor \
	TestDemoFindsAnotherAddressWhenItsOwnIsTaken
test-race:
	$(TEST) -race -short -timeout 30m $(QUICK)
	$(TEST) -race -short -timeout 60m -run '^($(shell echo $(RACED) | tr ' ' '|'))$$' ./cmd/rollcall

# The tests of a package that need programs of the system: those in files that say so.
SYSTEM := cmd/rollcall reports reports/evidence reports/runbook reports/archive internal/deploytest
NEEDY   = $(shell grep -lE '^//go:build .*(system|browser)' $(SYSTEM:%=%/*_test.go) | xargs grep -ho '^func Test[A-Za-z0-9]*' | cut -c6- | paste -sd '|')
test-system: $(VENV)/ready $(S3) tools/node_modules/ready
	$(JUDGES) $(TEST) -timeout 30m -tags $(TAGS) -run '^($(NEEDY))$$' $(SYSTEM:%=./%)
	$(JUDGES) go test -C tools/release -timeout 60m -tags system ./...

# All twenty questions on DuckDB and on a Spark on this machine, over one archive. It
# needs a Java, 17 or later.
test-spark: $(SPARK)/ready
	ROLLCALL_SPARK_PYTHON=$(CURDIR)/$(SPARK)/bin/python $(TEST) -timeout 60m -tags $(TAGS) -run TestSpark ./cmd/rollcall

# Whole years in the life of a company, each from a seed: some minutes.
# `make soak YEARS=10 YEAR=3` plays more of them, and others than the last time.
YEARS  := 2
YEAR   := 1
NIGHTS := 365
soak:
	go test -c -o bin/soak ./cmd/rollcall
	cd cmd/rollcall && ../../bin/soak -test.run TestAYear -test.timeout 0 -years $(YEARS) -year $(YEAR) -nights $(NIGHTS)

# Thousands of nights with random faults, lists and deaths, each from a seed: an hour.
# `make soak-nights SEEDS=20000 FIRST=5001` plays others than the last time.
SEEDS := 5000
FIRST := 1
soak-nights:
	go test -c -o bin/soak ./cmd/rollcall
	cd cmd/rollcall && ../../bin/soak -test.run TestNoFaultSchedule -test.timeout 0 -seeds $(SEEDS) -seed $(FIRST)

vet:
	gofmt -l . | (! grep .)
	go vet -tags emulators,system,browser,spark ./...

# deadcode says which functions the program does not reach, and which nothing reaches.
lint:
	go tool staticcheck -tags emulators,system,browser,spark ./...
	go tool deadcode ./cmd/rollcall | (! grep .)
	go tool deadcode -test -tags emulators,system,browser,spark ./... | (! grep .)

# The Go that a release is built with: what is found in another one's library is not what
# people would run.
TOOLCHAIN := $(shell awk '$$1 == "toolchain" { print $$2 }' go.mod)

# Whether anything that is called has a known vulnerability: on this machine's system with
# all that there is, and on each system that a release is made for. Go's list of them is
# fetched as a module, so that this works wherever modules can be had, and sum.golang.org
# vouches for it; what makes an index of it is pinned in tools/vulndb. VULNDB is another list:
# a URL in the format of https://go.dev/doc/security/vuln/database.
VULNLIST := golang.org/x/vulndb
vuln:
	$(if $(TOOLCHAIN),,$(error go.mod has no line toolchain: it says which Go a release is built with))
ifeq ($(VULNDB),)
	rm -rf bin/vulndb
	@set -e; export GOTOOLCHAIN=$(TOOLCHAIN)+auto; newest=$$(go list -m -f '{{.Path}}@{{.Version}}' $(VULNLIST)@latest); go mod download $$newest; \
	go list -m -f 'the newest list that the module proxy has is of {{.Time.Format "2006-01-02"}}: {{.Version}}' $$newest; \
	go run -C tools/vulndb $(VULNLIST)/cmd/indexdb -vulns "$$(go list -m -f '{{.Dir}}' $$newest)/data/osv" -out $(CURDIR)/bin/vulndb; \
	[ "$$(ls bin/vulndb/ID | wc -l)" -gt 4000 ] || { echo "the list is not whole: $$(ls bin/vulndb/ID | wc -l) files" >&2; exit 1; }
endif
	GOTOOLCHAIN=$(TOOLCHAIN) go build -o bin/govulncheck golang.org/x/vuln/cmd/govulncheck
	@set -e; export GOTOOLCHAIN=$(TOOLCHAIN); check="bin/govulncheck -db $(or $(VULNDB),file://$(CURDIR)/bin/vulndb)"; \
	echo everything, on this system; $$check ./...; echo what makes a release; $$check -C tools/release ./...; \
	echo what tests start; $$check -C tools/versitygw github.com/versity/versitygw/cmd/versitygw; $$check -C tools/actionlint github.com/rhysd/actionlint/cmd/actionlint; \
	for os in linux darwin windows; do echo the program without cgo, on $$os; GOOS=$$os CGO_ENABLED=0 $$check ./cmd/rollcall; done

# The collectors against the fewest requests and the vendors' rate limits: for
# people on stderr, for benchstat on stdout. docs/performance.md explains them all;
# BENCH passes flags on, such as BENCH='-only okta.5000' or BENCH=-wall.
bench-collect: $(VENV)/ready
	@ROLLCALL_PYTHON=$(PY) go run ./internal/bench/collect -moto $(BENCH)

# Four whole nights of 100,000 people, three Oktas and 200 AWS accounts, over HTTP, one of
# which blocks who has left: twenty minutes of processor time, half an hour with AWS's
# rate limit, and 11 GiB.
bench-night:
	@go run ./internal/bench/night $(BENCH)

# What a night does between reading and telling, in memory: a million people and twenty
# million grants: 80 s of processor time, 5 GiB.
bench-night-memory:
	@go run ./internal/bench/night -memory $(BENCH)

# The evaluation of a million people and twenty million grants against DuckDB's
# full outer join on the same strings: a minute, and 6 GiB of memory.
bench-evaluate:
	@go run ./internal/bench/evaluate $(BENCH)

# The grants of that company written into the archive, against DuckDB's COPY of the
# same rows with zstd: some minutes, and 9 GiB of memory.
bench-archive:
	@go run ./internal/bench/archive $(BENCH)

# HR's list of a million people, all checks included, against DuckDB's typed read.
bench-roster:
	@go run ./internal/bench/roster $(BENCH)

# The worksheets of a campaign with 2,000 reviewers and 100,000 rows.
bench-review:
	@go run ./internal/bench/review $(BENCH)

# The auditors' questions over three years of nights, which are made first: some ten
# minutes and 3 GB in the user's cache, once. docs/performance.md explains it.
bench-audit:
	@go run ./internal/bench/audit $(BENCH)

bench: bench-collect bench-night bench-night-memory bench-evaluate bench-archive bench-roster bench-review bench-audit

# Which changes of the decisions no test notices: docs/mutation.md says what its lines mean.
# `make mutate PACKAGE=./jobs FILES='^(apply|journal)[.]go$$'` goes through other ones.
PACKAGE := ./reconcile
FILES   := ^(guard_.*|guards|limits|approvals|approval_verdicts)[.]go$$
mutate:
	@go run ./internal/mutants -files '$(FILES)' $(PACKAGE)

# The pictures of docs/img, drawn by Chromium and LibreOffice.
pictures:
	go test -count 1 -tags browser,system -run LooksAsInTheGuide ./reports ./reports/evidence ./cmd/rollcall -args -update

# The time zones that are compiled into the program (internal/zones), as PyPI has them, with
# their licence: raise tools/requirements-zones.txt first, with the new file's digest.
zones:
	rm -rf bin/zones
	$(PYTHON) -m venv bin/zones
	bin/zones/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r tools/requirements-zones.txt -d bin/zones/new
	bin/zones/bin/python -m zipfile -e bin/zones/new/tzdata-*.whl bin/zones/new
	cp bin/zones/new/tzdata-*.whl internal/zones/tzdata.whl
	cp bin/zones/new/*.dist-info/licenses/LICENSE bin/zones/new/*.dist-info/licenses/licenses/LICENSE_APACHE internal/zones/
	go test ./internal/zones

build:
	go build -o bin/rollcall ./cmd/rollcall

# What is given to people who do not build rollcall themselves, into dist/: see
# docs/releases.md. It is a module of its own, so that what it is made of is none of ours.
# The first time it compiles everything for six systems: half an hour on two cores.
release:
	go run -C tools/release . -version '$(VERSION)' -source ../.. -out '$(CURDIR)/dist' $(if $(ONLY),-only '$(ONLY)')

demo:
	go run ./cmd/rollcall demo

clean:
	rm -rf bin $(VENV) $(SPARK) tools/node_modules
