/**
 * Seconds for air-datepicker 2.2.3.
 *
 * Frappe's date controls were written for a variant of the package that knows seconds (format `ss`, a third
 * slider) and reach for `timepicker.$seconds`; the published package has neither, and a Time field whose
 * format lacks seconds would stop the form. The sliders below are added around the package's own methods.
 */
import "../node_modules/air-datepicker/dist/js/datepicker.min.js";

const plugin = jQuery.fn.datepicker;
const picker = plugin.Constructor;
const twoDigits = picker.getLeadingZeroNum;

/** Replaces `owner[name]` by `make(original)`. */
function wrap(owner, name, make) {
	owner[name] = make(owner[name]);
}

const timepicker = plugin.Timepicker.prototype;

wrap(timepicker, "_setTime", (original) => function (date) {
	original.call(this, date);
	this.seconds = date.getSeconds();
});

wrap(timepicker, "_buildHTML", (original) => function () {
	original.call(this);
	this.$minutesText.after(
		'<span class="datepicker--time-current-colon">:</span>' +
			`<span class="datepicker--time-current-seconds">${twoDigits(this.seconds)}</span>`
	);
	this.$timepicker
		.find(".datepicker--time-sliders")
		.append(
			'<div class="datepicker--time-row">' +
				`<input type="range" name="seconds" value="${this.seconds}" min="0" max="59" step="1"/></div>`
		);
	this.$seconds = this.$timepicker.find('[name="seconds"]');
	this.$secondsText = this.$timepicker.find(".datepicker--time-current-seconds");
	// The package's style sheet leaves no room for a third number: let the sliders shrink instead.
	this.$secondsText.css({ fontSize: "19px", lineHeight: 1 });
	this.$timepicker.find(".datepicker--time-current").css({ flex: "none", marginRight: "12px" });
	this.$timepicker.find(".datepicker--time-sliders").css({ flex: "1 1 0", minWidth: 0 });
	// `init` binds the sliders' events to these once this method is done.
	this.$ranges = this.$timepicker.find('[type="range"]').css("minWidth", 0);
});

wrap(timepicker, "_updateRanges", (original) => function () {
	original.call(this);
	this.$seconds.val(this.seconds);
});

wrap(timepicker, "_updateCurrentTime", (original) => function () {
	original.call(this);
	this.$secondsText.html(twoDigits(this.seconds));
});

const base = picker.prototype;

// A click on a day and a move of a slider build the date from hours and minutes: bring the seconds along.
wrap(base, "_onClickCell", (original) => function (event, date) {
	if (this.timepicker) date.setSeconds(this.timepicker.seconds);
	return original.call(this, event, date);
});

wrap(base, "_onTimeChange", (original) => function (event, hours, minutes) {
	if (this.selectedDates.length) {
		this.lastSelectedDate.setSeconds(this.timepicker.seconds);
		return original.call(this, event, hours, minutes);
	}
	// Nothing chosen yet: today at the time the sliders show.
	const date = new Date();
	date.setHours(hours, minutes, this.timepicker.seconds, 0);
	return this._getCell(date).hasClass("-disabled-") ? this._setInputValue() : this.selectDate(date);
});

wrap(base, "formatDate", (original) => function (format, date) {
	const result = original.call(this, format, date);
	if (!format.includes("s")) return result;
	const seconds = (date || this.date).getSeconds();
	const boundary = this._getWordBoundaryRegExp;
	return this._replacer(this._replacer(result, boundary("ss"), twoDigits(seconds)), boundary("s"), seconds);
});
