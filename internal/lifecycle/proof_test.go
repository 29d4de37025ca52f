package lifecycle_test

import (
	"math/rand/v2"
	"testing"
)

func TestProof_builds(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild(), remembered(), desired(), shortContent().but(3, 4, 5), activeVersion().but(2), dormant().first(2))
	p.product(p.look)
	p.report(t, 17000)
}

func TestProof_mishaps(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild(), remembered().but(4, 5), desired().first(3), shortContent().first(6), activeVersion().first(2))
	p.mishaps = true
	p.product(p.look)
	p.report(t, 2000)
}

func TestProof_content(t *testing.T) {
	t.Parallel()
	p := newProof(mutable(), immutable(), templateVersion().but(3, 6, 10, 11, 12, 13), preset(), ephemeral().but(1, 2, 4, 5), flow())
	p.product(p.look)
	p.report(t, 18000)
}

func TestProof_values(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild().first(2), desired().first(2), mutable().but(1, 4, 5, 6, 7), immutable().but(1, 3, 5, 6), newInVersion(), ephemeral().but(1, 4, 5), misplaced(), templateVersion().but(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), release().but(1, 3, 5))
	p.product(p.look)
	p.report(t, 12900)
}

func TestProof_dormancy(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild(), remembered().but(2, 4), desired(), shortContent().but(2, 3, 4, 5, 6, 8, 9), dormant(), release().but(3, 5))
	p.product(p.look)
	p.report(t, 26000)
}

func TestProof_identity(t *testing.T) {
	t.Parallel()
	p := newProof(configuredTemplate(), owner(), organization(), workspaceName().but(2, 3), renames(), obstacle(), activeVersion().first(2), immutable().first(3))
	p.product(p.look)
	p.report(t, 25900)
}

func TestProof_settings(t *testing.T) {
	t.Parallel()
	p := newProof(schedule(), ttl(), automaticUpdates(), workspaceName().first(3), renames(), schedulePolicy(), release())
	p.product(p.look)
	p.report(t, 32000)
}

func TestProof_deadline(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild().but(3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 15, 16), until(), limit(), deadline(), ttl().but(0, 2, 5, 6), shortContent().first(2), schedulePolicy().but(1, 3), release().but(1, 2, 5))
	p.product(p.look)
	p.report(t, 34500)
}

func TestProof_actions(t *testing.T) {
	t.Parallel()
	p := newProof(latestBuild(), shortContent().but(5, 6, 7), misplaced().first(3), activeVersion().first(2), dormant().first(2), release().but(2, 3, 4, 5), manner())
	p.product(p.look)
	p.report(t, 14000)
}

// allFactors are all in which cases differ. Those that are set by others come
// after them.
func allFactors() []factor {
	return []factor{
		latestBuild(), remembered(), former(), desired(), mutable(), immutable(), newInVersion(), ephemeral(), builtOnce(), misplaced(), templateVersion(), preset(),
		activeVersion(), flow(), dormant(), release(), schedulePolicy(), schedule(), ttl(), automaticUpdates(), until(), limit(), deadline(), heard(),
		configuredTemplate(), owner(), organization(), workspaceName(), renames(), obstacle(), manner(),
	}
}

func TestProof_pairs(t *testing.T) {
	t.Parallel()
	p := newProof(allFactors()...)
	members := make([]int, len(p.factors))
	for i := range p.factors {
		for j := range i {
			for members[i] = 1; members[i] < len(p.factors[i].members); members[i]++ {
				for members[j] = 1; members[j] < len(p.factors[j].members); members[j]++ {
					p.look(members)
				}
			}
			members[i], members[j] = 0, 0
		}
	}
	p.report(t, 9000)
}

func TestProof_sample(t *testing.T) {
	t.Parallel()
	p := newProof(allFactors()...)
	random := rand.New(rand.NewPCG(2026, 11))
	for i := range 10000 {
		members := make([]int, len(p.factors))
		for range 3 + random.IntN(5) {
			f := random.IntN(len(p.factors))
			members[f] = random.IntN(len(p.factors[f].members))
		}
		p.mishaps = i%4 == 0
		p.look(members)
	}
	p.report(t, 10000)
}
