package codertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestBool: the dynamic flow takes what Go's strconv.ParseBool takes, the classic one only true and false.
func TestBool(t *testing.T) {
	t.Parallel()
	across(t, codertest.Options{}, []string{"v2.23.0", "v2.24.0", "v2.35.1"}, func(t *testing.T, c *client) {
		tpl := c.d.AddTemplate(codertest.BasicTemplate())
		dynamic := c.version != "v2.23.0"
		id := c.create(t, "w", tpl, "")
		for value, valid := range map[string]bool{
			"true": true, "false": true, "True": dynamic, "TRUE": dynamic, "t": dynamic, "T": dynamic, "1": dynamic,
			"F": dynamic, "0": dynamic, "yes": false, "tRue": false, " true": false,
		} {
			pass(time.Second)
			before := c.one(t, id).Parameters["gpu"]
			a := c.send("POST", "/workspaces/"+id+"/builds", fmt.Sprintf(`{"transition":"start","rich_parameter_values":[{"name":"gpu","value":%q}]}`, value))
			want(t, value, a.status, map[bool]int{true: 201, false: 400}[valid])
			pass(time.Second)
			if valid {
				before = value
			}
			want(t, value+", kept as it is", c.one(t, id).Parameters["gpu"], before)
			want(t, value+", status", c.one(t, id).Status, "running")
			if !dynamic {
				continue
			}
			a = c.send("POST", "/templateversions/"+tpl.ActiveVersionID.String()+"/dynamic-parameters/evaluate", fmt.Sprintf(`{"id":1,"inputs":{"gpu":%q}}`, value))
			want(t, value+", evaluated", a.get("parameters", 2, "value", "value"), value)
			want(t, value+", evaluated as valid", a.get("parameters", 2, "diagnostics", 0) == nil, valid)
		}
	})
}
