package metrics

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// page is a file of figures, by the names of its families.
type page map[string]*dto.MetricFamily

// read takes over what an earlier run left. Families of somebody else's are dropped.
func read(text []byte) (page, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return page{}, fmt.Errorf("read the figures of earlier runs: %w", err)
	}
	maps.DeleteFunc(all, func(name string, _ *dto.MetricFamily) bool { return !strings.HasPrefix(name, prefix) })
	return all, nil
}

const prefix = "rollcall_"

// text is the page in Prometheus' text format, the same for the same figures.
func (p page) text() ([]byte, error) {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if len(p[name].Metric) == 0 {
			continue
		}
		slices.SortFunc(p[name].Metric, func(a, b *dto.Metric) int { return cmp.Compare(labelText(a), labelText(b)) })
		if _, err := expfmt.MetricFamilyToText(&out, p[name]); err != nil {
			return nil, fmt.Errorf("write the figures: %w", err)
		}
	}
	return out.Bytes(), nil
}

func labelText(m *dto.Metric) string {
	var b strings.Builder
	for _, l := range m.Label {
		fmt.Fprintf(&b, "%s=%q,", l.GetName(), l.GetValue())
	}
	return b.String()
}

// family is one of the page; one that is of another type than it was is begun anew.
func (p page) family(name, help string, of dto.MetricType) *dto.MetricFamily {
	name = prefix + name
	if f := p[name]; f != nil && f.GetType() == of {
		f.Help = &help
		return f
	}
	p[name] = &dto.MetricFamily{Name: &name, Help: &help, Type: &of}
	return p[name]
}

// series is the one of a family that has these labels, given as name, value, name ...
func series(f *dto.MetricFamily, labels []string) *dto.Metric {
	m := &dto.Metric{}
	for n := 0; n < len(labels); n += 2 {
		m.Label = append(m.Label, &dto.LabelPair{Name: &labels[n], Value: &labels[n+1]})
	}
	slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	for _, one := range f.Metric {
		if labelText(one) == labelText(m) {
			return one
		}
	}
	f.Metric = append(f.Metric, m)
	return m
}

// set is a figure that holds until the next run says another one.
func (p page) set(name, help string, value float64, labels ...string) {
	series(p.family(name, help, dto.MetricType_GAUGE), labels).Gauge = &dto.Gauge{Value: &value}
}

// drop takes a family away whose labels may be others tonight.
func (p page) drop(name string) { delete(p, prefix+name) }

// add counts on over all runs.
func (p page) add(name, help string, by float64, labels ...string) {
	m := series(p.family(name, help, dto.MetricType_COUNTER), labels)
	sum := m.GetCounter().GetValue() + by
	m.Counter = &dto.Counter{Value: &sum}
}

// observe adds one value to a histogram; no value only makes it known.
func (p page) observe(name, help string, bounds []float64, values ...float64) {
	m := series(p.family(name, help, dto.MetricType_HISTOGRAM), nil)
	if !sameBounds(m.Histogram, bounds) {
		m.Histogram = empty(bounds)
	}
	h := m.Histogram
	for _, v := range values {
		count, sum := h.GetSampleCount()+1, h.GetSampleSum()+v
		h.SampleCount, h.SampleSum = &count, &sum
		for _, b := range h.Bucket {
			if v <= b.GetUpperBound() {
				more := b.GetCumulativeCount() + 1
				b.CumulativeCount = &more
			}
		}
	}
}

func empty(bounds []float64) *dto.Histogram {
	h := &dto.Histogram{SampleCount: new(uint64), SampleSum: new(float64)}
	for _, b := range bounds {
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: &b, CumulativeCount: new(uint64)})
	}
	return h
}

// sameBounds reports whether a histogram that was read can be counted on.
func sameBounds(h *dto.Histogram, bounds []float64) bool {
	if h == nil || len(h.Bucket) < len(bounds) {
		return false
	}
	for n, b := range bounds {
		if h.Bucket[n].GetUpperBound() != b {
			return false
		}
	}
	return true
}
